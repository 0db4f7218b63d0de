import { findPods } from '../../src/engine/pod-name';
import type { Pod } from '../../src/kubernetes';
import { Cluster } from '../../src/source';
import { objects, pods, resource, service } from '../source/objects';

function version(name: string): ReturnType<typeof resource> {
  const labels = { app: 'web', version: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'example/app:1' }] } };
  return resource('apps/v1', 'Deployment', `web-${name}`, { spec: { selector: { matchLabels: labels }, template } });
}

const cluster = new Cluster();
cluster.apply(objects(
  version('v1'),
  version('v2'),
  service('shop-front', { selector: { app: 'web' } }),
  resource('v1', 'Pod', 'client', { spec: { containers: [{ name: 'app', image: 'example/app:1' }] } }),
));
const snapshot = cluster.snapshot();
const states = pods(snapshot).map(({ metadata: { namespace, name, labels = {} } }: Pod) => ({ namespace, name, labels, ready: true, containers: [] }));
const named = (text: string) => findPods(states, text, snapshot).map((key) => key.replace(/-[^-]+-[^-]+$/, '')).sort();

test.each([
  ['the label app', 'web', ['default/web-v1', 'default/web-v2']],
  ['one version', 'web/v2', ['default/web-v2']],
  ['a Service that is called otherwise', 'shop-front', ['default/web-v1', 'default/web-v2']],
  ['a Service in a namespace', 'shop-front.default', ['default/web-v1', 'default/web-v2']],
  ['a version of a Service', 'shop-front/v1', ['default/web-v1']],
  ['a Deployment', 'web-v1', ['default/web-v1']],
  ['a Deployment in a namespace', 'web-v1.default', ['default/web-v1']],
  ['a pod', 'client', ['default/client']],
])('finds pods by %s', (_, text, expected) => expect(named(text)).toEqual(expected));

test.each(['shop', 'web.other', 'web/v3', '__proto__'])('%s is nobody, and it says who there is', (text) => {
  expect(() => named(text)).toThrow(`there is no service or pod ${text} in this mesh; there are client, web/v1, web/v2`);
});
