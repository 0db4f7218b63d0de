import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, Credentials, formatCheck, readChecks, runChecks } from '../../src/engine/check';
import type { LocalMesh } from '../../src/engine/local-mesh';
import { startMesh } from '../engine/test-mesh';
import { findCases } from './case';

/** Says why the goldens of a case are right: what real Envoys do with them. */
const CALLS = 'calls.yaml';
/** Pods that all cases share, so that they start once, and those that a case has besides. */
const WORKLOADS = 'workloads.yaml';

jest.setTimeout(120_000);

const cases = findCases().filter(({ folder }) => existsSync(join(folder, CALLS)))
  .map(({ name, folder }) => ({ name, folder, ...readChecks(join(folder, CALLS)) }));
const shared = join(__dirname, WORKLOADS);

let mesh: LocalMesh;

beforeAll(async () => {
  const hosts = new Set(cases.flatMap(({ outside }) => outside));
  mesh = await startMesh([shared], { offline: [...hosts].map((host) => ({ host })) });
});

afterAll(() => mesh?.close());

test('there are calls for many cases', () => {
  expect(cases.length).toBeGreaterThan(45);
});

describe.each(cases)('$name', ({ folder, checks, credentials: wishes }) => {
  let credentials: Credentials;

  beforeAll(async () => {
    const files = [join(folder, 'in.yaml'), join(folder, WORKLOADS)].filter((file) => existsSync(file));
    // The mesh stays, the manifests of the case before go.
    credentials = await Credentials.issue(wishes);
    await mesh.engine.load([...files, shared], false, credentials.manifest);
    await mesh.engine.settled();
  });

  test.each(checks.map((check): [string, Check] => [check.name, check]))('%s', async (_name, check) => {
    const [result] = await runChecks([check], mesh.engine, { credentials });
    if (result?.state === 'failed') {
      throw new Error(`not as expected\n${formatCheck(result)}`);
    }
  });
});
