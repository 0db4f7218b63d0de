import { containerEnvironment, downwardMap, expand } from '../../../src/engine/pod/environment';
import { localCommand } from '../../../src/engine/pod/command';
import { planPod } from '../../../src/engine/pod/plan';
import type { Container, Pod } from '../../../src/kubernetes';
import { Cluster } from '../../../src/source';
import { objects, pods, resource, service } from '../../source/objects';

/** One pod of a cluster with these containers, and the Snapshot that it stands in. */
function podWith(container: Partial<Container>, more: { annotations?: Record<string, string>; spec?: object } = {}) {
  const cluster = new Cluster({ injection: { policy: { enabled: false, namespacesByDefault: false } } });
  const metadata = { name: 'one', namespace: 'default', labels: { app: 'one', version: 'v2' }, ...(more.annotations ? { annotations: more.annotations } : {}) };
  cluster.apply(objects(
    resource('v1', 'Pod', 'one', { metadata, spec: { containers: [{ name: 'main', image: 'example/one', ...container }], ...more.spec } }),
    resource('v1', 'ConfigMap', 'settings', { data: { colour: 'black', size: '7' } }),
    resource('v1', 'Secret', 'keys', { data: { key: Buffer.from('s3cret').toString('base64') } }),
    service('one', { ports: [{ name: 'http', port: 80, targetPort: 'web' }, { name: 'tcp-db', port: 5432 }, { name: 'grpc', port: 9000, targetPort: 9001 }] }),
  ));
  const snapshot = cluster.snapshot();
  const [pod] = pods(snapshot) as [Pod];
  return { pod, snapshot, main: pod.spec.containers[0] as Container };
}

describe('the environment of a container', () => {
  test('is what a kubelet would make of fields, config maps and secrets', () => {
    const { pod, snapshot, main } = podWith({
      envFrom: [{ prefix: 'S_', configMapRef: { name: 'settings' } }],
      env: [
        { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        { name: 'VERSION', valueFrom: { fieldRef: { fieldPath: "metadata.labels['version']" } } },
        { name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'key' } } },
        { name: 'NONE', valueFrom: { configMapKeyRef: { name: 'nowhere', key: 'x', optional: true } } },
        { name: 'URL', value: 'http://$(IP)/$(S_colour)/$$(IP)/$(LATER)' },
        { name: 'LATER', value: '1' },
        { name: 'EMPTY' },
      ],
    });

    expect(containerEnvironment(main, pod, snapshot)).toEqual({
      HOSTNAME: 'one', S_colour: 'black', S_size: '7', POD: 'one', IP: pod.status.podIP, VERSION: 'v2', KEY: 's3cret',
      URL: `http://${pod.status.podIP}/black/$(IP)/$(LATER)`, LATER: '1', EMPTY: '',
    });
  });

  test.each([['$(A)b', 'xb'], ['$$(A)', '$(A)'], ['$(B)', '$(B)'], ['$(constructor)', '$(constructor)'], ['$', '$'], ['$$', '$']])('%s becomes %s', (text, expected) => {
    expect(expand(text, { A: 'x' })).toBe(expected);
  });

  test('labels are quoted as in a downward API file', () => {
    expect(downwardMap({ b: 'say "hi"', a: '1' })).toBe('a="1"\nb="say \\"hi\\""');
  });
});

describe('the command of a container', () => {
  const command = (text?: string) => {
    const { pod, main } = podWith({}, text === undefined ? {} : { annotations: { 'local.cdk8s-istio.dev/main': text } });
    return localCommand(pod, main);
  };

  test('is a list of words, or a line for the shell', () => {
    expect(command('["node", "server.js"]')).toEqual({ argv: ['node', 'server.js'] });
    expect(command('node server.js | tee log')).toEqual({ argv: ['sh', '-c', 'node server.js | tee log'] });
    expect(command()).toEqual({});
  });

  test.each(['["node"', '[]', '[1]'])('%s is a problem that names the annotation', (text) => {
    expect(command(text).problem).toMatchObject({ resource: { kind: 'Pod', name: 'one' }, path: 'metadata.annotations["local.cdk8s-istio.dev/main"]' });
  });
});

describe('a container without a command', () => {
  test('is the echo server, with the ports of the container and of the Services that lead to it', () => {
    const { pod, snapshot } = podWith({ ports: [{ name: 'web', containerPort: 8080 }] });

    expect(planPod(pod, snapshot, ['mesh']).containers[0]?.argv).toEqual([
      'mesh', 'echo', '--service', 'one', '--version', 'v2', '--namespace', 'default', '--http', '8080', '--tcp', '5432', '--http', '9001',
    ]);
  });

  test('leaves ports of other containers to them', () => {
    const { pod, snapshot } = podWith({}, { spec: { containers: [{ name: 'main' }, { name: 'other', ports: [{ name: 'web', containerPort: 8080 }] }] } });
    const [main, other] = planPod(pod, snapshot, ['mesh']).containers;

    expect(main?.argv).not.toContain('8080');
    expect(other?.argv.slice(-2)).toEqual(['--http', '8080']);
  });
});
