import { createHash } from 'node:crypto';
import { fromJson, toJson, type Bootstrap } from '../../envoy';
import type { Problem } from '../../model/problem';
import type { Proxy } from '../../model/proxy';
import type { BootstrapPatch } from '../finisher';
import type { Patch, PatchSet } from './model';
import { merged } from './finish-plan';
import { typed } from './finish-value';
import { patchesFor } from './finish-selection';

/** Under this name a proxy tells with which patches it was started. */
const STARTED_WITH = 'BOOTSTRAP_PATCHES';

/**
 * The patches of a proxy that is about to start. Istio knew them as long as its agent could ask for a bootstrap (`BOOTSTRAP_XDS_AGENT`), and merged
 * them in the same way; its API calls them deprecated.
 */
export function bootstrapPatch(sets: readonly PatchSet[], proxy: Proxy, rootNamespace: string): BootstrapPatch | undefined {
  const chosen = ofBootstrap(patchesFor(sets, proxy, rootNamespace));
  return chosen.length === 0 ? undefined : {
    metadata: { [STARTED_WITH]: versionOf(chosen) },
    patch: (bootstrap) => toJson('Bootstrap', chosen.reduce<Bootstrap>((into, one) => {
      const patch = typed(one, []);
      return patch?.subject === 'BOOTSTRAP' ? merged(into, patch as Parameters<typeof merged<'Bootstrap'>>[1]) : into;
    }, fromJson('Bootstrap', bootstrap))) as object,
  };
}

/** Patches of the bootstrap that the proxy was not started with. */
export function notStartedWith(patches: readonly Patch[], { metadata }: Proxy): readonly Patch[] {
  const own = ofBootstrap(patches);
  return own.length === 0 || metadata[STARTED_WITH] === versionOf(own) ? patches.filter((one) => one.subject !== 'BOOTSTRAP') : patches;
}

/** A proxy reads its bootstrap once. */
export function lateProblems(patches: readonly Patch[]): readonly Problem[] {
  return ofBootstrap(patches).filter((one) => typed(one, [])).map(({ resource, path }) => ({
    resource, path, message: 'holds for pods that start from now on: a proxy reads its bootstrap once, so delete or restart the pods', severity: 'warning',
  }));
}

function ofBootstrap(patches: readonly Patch[]): readonly Patch[] {
  return patches.filter((one) => one.subject === 'BOOTSTRAP');
}

function versionOf(patches: readonly Patch[]): string {
  return createHash('sha256').update(JSON.stringify(patches.map(({ operation, value }) => [operation, value]))).digest('hex').slice(0, 16);
}
