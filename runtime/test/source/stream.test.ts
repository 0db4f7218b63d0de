import fc from 'fast-check';
import type { Snapshot } from '../../src/model/snapshot';
import { encodeDelta, SnapshotMirror } from '../../src/source';
import { Store } from '../../src/source/store';
import { service } from './objects';

const content = ({ kinds }: Snapshot): unknown => [...kinds].map(([kind, map]) => [kind, [...map]]);

test('a delta names what changed, and the other side keeps everything else as it is', () => {
  const store = new Store();
  store.set(service('a'));
  store.set(service('b'));
  const first = store.snapshot();
  const mirror = new SnapshotMirror();
  const before = mirror.apply(encodeDelta(undefined, first));
  store.set(service('b', { ports: [] }));
  store.delete('/Service', 'default/nothing');
  const delta = encodeDelta(first, store.snapshot());
  expect(delta).toEqual({ whole: false, set: [service('b', { ports: [] })], removed: [] });
  const after = mirror.apply(delta);
  expect(after.kinds.get('/Service')?.get('default/a')).toBe(before.kinds.get('/Service')?.get('default/a'));
});

test('property: through JSON, the other side always sees the same world, also after it was told everything anew', () => {
  const edit = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), port: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }), whole: fc.boolean(), send: fc.boolean() });
  fc.assert(fc.property(fc.array(edit), (edits) => {
    const store = new Store();
    const mirror = new SnapshotMirror();
    let sent: Snapshot | undefined;
    for (const { name, port, whole, send } of edits) {
      if (port === undefined) store.delete('/Service', `default/${name}`);
      else store.set(service(name, { ports: [{ port }] }));
      if (!send) continue;
      const snapshot = store.snapshot();
      const seen = mirror.apply(JSON.parse(JSON.stringify(encodeDelta(whole ? undefined : sent, snapshot))) as ReturnType<typeof encodeDelta>);
      expect(content(seen)).toEqual(content(snapshot));
      sent = snapshot;
    }
  }));
});
