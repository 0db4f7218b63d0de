import { resolveHost } from '../model/host';
import type { Destination } from '../model/route';

/** A `destination` of Istio, its short host name completed. */
export function readDestination(
  spec: { readonly host: string; readonly subset?: string; readonly port?: { readonly number?: number } },
  namespace: string,
): Destination {
  return { host: resolveHost(spec.host.toLowerCase(), namespace), subset: spec.subset ?? '', port: spec.port?.number };
}
