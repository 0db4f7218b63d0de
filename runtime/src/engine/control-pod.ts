import { RUNTIME_IMAGE } from '../../../src/sidecar';
import type { Pod } from '../kubernetes';

const IMAGE = RUNTIME_IMAGE.split(':', 1)[0] as string;

/** Whether the pod is our control plane's, as the library emits it, or Istio's. */
export function isControlPlane({ spec, metadata }: Pod): boolean {
  const runs = spec.containers.some(({ image, args }) => args?.[0] === 'control' && (image ?? '').includes(IMAGE));
  return runs || (metadata.labels?.app === 'istiod' && spec.containers.some(({ name }) => name === 'discovery'));
}
