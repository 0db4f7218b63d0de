import { statusesOf } from './api-gateways';
import type { Engine } from './engine';
import { overviewOf, type MeshStatus } from './overview';

export async function meshStatus(engine: Engine, { name, startedAt }: { readonly name: string; readonly startedAt: string }): Promise<MeshStatus> {
  const { lifecycle, restarts } = engine.controlPlane;
  return {
    name, startedAt,
    controlPlane: { state: lifecycle, restarts },
    ...overviewOf(engine.snapshot()),
    pods: engine.podStatus(),
    proxies: await engine.proxies(),
    statuses: statusesOf(engine.snapshot()),
    problems: engine.problems(),
    ignored: engine.ignored(),
  };
}
