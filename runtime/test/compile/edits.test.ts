import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { Compiled } from '../../src/compile';
import { Compiler, parseNode } from '../../src/compile';
import { toJson } from '../../src/envoy';
import type { Proxy } from '../../src/model/proxy';
import type { Resource } from '../../src/model/resource';
import { groupKind } from '../../src/model/snapshot';
import { Cluster } from '../../src/source';
import type { Edit } from './random-world';
import { histories } from './random-world';

jest.setTimeout(120_000);

/** A world of objects by identity; unchanged objects stay the same JavaScript objects, as from a source of files. */
class World {
  private readonly cluster = new Cluster();
  private readonly objects = new Map<string, Resource>();

  public edit(edit: Edit): void {
    if ('pod' in edit) {
      const pods = [...(this.snapshot().kinds.get('/Pod')?.keys() ?? [])];
      if (pods.length > 0) this.cluster.setReady(pods[edit.pod % pods.length]!, edit.ready);
      return;
    }
    if ('put' in edit) {
      const { apiVersion, kind, metadata } = edit.put;
      this.objects.set(`${groupKind(apiVersion, kind)}/${metadata.namespace}/${metadata.name}`, edit.put);
    } else {
      this.objects.delete([...this.objects.keys()][edit.remove % this.objects.size] ?? '');
    }
    this.cluster.replace([...this.objects.values()].map((resource) => ({ resource })));
    // Objects that are refused would be edits of nothing.
    expect(this.cluster.problems()).toEqual([]);
  }

  public snapshot() {
    return this.cluster.snapshot();
  }
}

function proxy(type: string, name: string, namespace: string, labels: object): Proxy {
  const parsed = parseNode({ id: `${type}~10.244.9.9~${name}.${namespace}~${namespace}.svc.cluster.local`, metadata: { NAMESPACE: namespace, LABELS: labels } });
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

const proxies = [
  proxy('sidecar', 'a-v1', 'shop', { app: 'a', version: 'v1' }), proxy('sidecar', 'b-v2', 'shop', { app: 'b', version: 'v2' }),
  proxy('sidecar', 'a-v2', 'pay', { app: 'a', version: 'v2' }), proxy('router', 'edge', 'shop', { istio: 'edge' }),
];

/** Everything that a client could tell apart: versions are hashes of the bytes. */
function versionsOf({ configuration, problems }: Compiled): unknown {
  return { problems, resources: [...configuration].map(([url, byName]) => [url, [...byName.values()].map((one) => [one.name, one.version])]) };
}

/** The same in words, for the eyes of whoever must find out what went stale. */
function wordsOf({ configuration, problems }: Compiled): unknown {
  return { problems, resources: [...configuration].flatMap(([url, byName]) => [...byName.values()].map((one) => toJson(url as `type.googleapis.com/${string}`, one.bytes))) };
}

test('whatever was compiled before, a compiler makes of a world what a new one would: no stale result is left', () => {
  fc.assert(fc.property(histories, ({ start, edits }) => {
    const world = new World();
    const experienced = new Compiler();
    start.forEach((edit) => world.edit(edit));
    for (const edit of edits) {
      world.edit(edit);
      const snapshot = world.snapshot();
      for (const one of proxies) {
        const [actual, expected] = [experienced.compile(snapshot, one), new Compiler().compile(snapshot, one)];
        if (!isDeepStrictEqual(versionsOf(actual), versionsOf(expected))) {
          expect(wordsOf(actual)).toEqual(wordsOf(expected));
          expect(versionsOf(actual)).toEqual(versionsOf(expected));
        }
      }
    }
  }), { numRuns: 60 });
});
