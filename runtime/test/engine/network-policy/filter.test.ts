import { filtersOf } from '../../../src/engine/network-policy/enforcement';
import { lets } from '../../../src/engine/network-policy/cluster-ip';
import { selectsLabels } from '../../../src/engine/network-policy/label-selector';
import { Cluster, parseText } from '../../../src/source';

function filterOf(pod: string, manifest: string): string[] {
  const cluster = new Cluster();
  const { objects, problems } = parseText(`${WORLD}\n---\n${manifest}`, { file: 'in.yaml', folder: '.' });
  expect(problems).toEqual([]);
  cluster.apply(objects);
  const [, rules = ''] = [...filtersOf(cluster.snapshot())].find(([key]) => key.startsWith(`default/${pod}`)) ?? [];
  return rules.split('\n').filter((line) => line.startsWith('-A')).map((line) => line.replace(/10\.244\.\d+\.\d+\/32/g, 'POD'));
}

const pod = (name: string, namespace = 'default') => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, labels: { app: ${name} } }
spec: { containers: [{ name: main, image: x, ports: [{ name: api, containerPort: 80 }] }] }`;
const WORLD = [pod('web'), pod('client'), pod('other', 'elsewhere')].join('\n---');
const policy = (spec: string) => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: one, namespace: default }
spec: { podSelector: { matchLabels: { app: web } }, ${spec} }`;

const IN = ['-A INPUT -i eth0 -m conntrack --ctdir REPLY -j ACCEPT', '-A INPUT -i eth0 -m conntrack --ctstate RELATED -j ACCEPT', '-A INPUT -i eth0 -s 10.244.0.0/24 -j ACCEPT'];
const OUT = [...IN.map((line) => line.replace('INPUT -i', 'OUTPUT -o').replace('-s', '-d')), '-A OUTPUT -o eth0 -d 127.0.0.0/8 -j ACCEPT'];
const END_IN = '-A INPUT -i eth0 -j DROP';
const END_OUT = '-A OUTPUT -o eth0 -j DROP';

describe('the packet filter of a pod', () => {
  test.each<[string, string, string[]]>([
    ['lets nobody in without rules, which is the type if none is said', '', [...IN, END_IN]],
    ['lets everybody in for an empty rule', 'ingress: [{}]', [...IN, '-A INPUT -i eth0 -j ACCEPT', END_IN]],
    ['is for both types if there are rules for going out', 'egress: [{}]', [...IN, END_IN, ...OUT, '-A OUTPUT -o eth0 -j ACCEPT', END_OUT]],
    ['is for the types that are said', 'policyTypes: [Egress]', [...OUT, END_OUT]],
    ['knows pods of its own namespace', 'ingress: [{ from: [{ podSelector: { matchLabels: { app: client } } }] }]',
      [...IN, '-A INPUT -i eth0 -s POD -j ACCEPT', END_IN]],
    ['knows pods of others by both selectors', 'ingress: [{ from: [{ podSelector: {}, namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: elsewhere } } }] }]',
      [...IN, '-A INPUT -i eth0 -s POD -j ACCEPT', END_IN]],
    ['knows no pods where a selector finds none', 'ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: a } } }] }]', [...IN, END_IN]],
    ['knows ports by number, range, name and protocol', 'ingress: [{ ports: [{ port: 80 }, { port: 90, endPort: 95 }, { port: api }, { protocol: UDP, port: 53 }, { port: nobody }] }]',
      [...IN, ...['tcp -m conntrack --ctorigdstport 80', 'tcp -m conntrack --ctorigdstport 90:95', 'tcp -m conntrack --ctorigdstport 80', 'udp -m conntrack --ctorigdstport 53']
        .map((match) => `-A INPUT -i eth0 -p ${match} -j ACCEPT`), END_IN]],
    ['leaves parts of a block out', 'policyTypes: [Egress], egress: [{ to: [{ ipBlock: { cidr: 10.0.0.0/8, except: [10.1.0.0/16, 10.2.0.0/16] } }], ports: [{ port: 443 }] }]',
      [...OUT, '-A OUTPUT -o eth0 -d 10.0.0.0/8 -p tcp -m conntrack --ctorigdstport 443 -j except100001', '-A except100001 -d 10.1.0.0/16 -j RETURN',
        '-A except100001 -d 10.2.0.0/16 -j RETURN', '-A except100001 -j ACCEPT', END_OUT]],
    ['looks named ports up at whom it calls', 'policyTypes: [Egress], egress: [{ to: [{ podSelector: { matchLabels: { app: client } } }], ports: [{ port: api }] }]',
      [...OUT, '-A OUTPUT -o eth0 -d POD -p tcp -m conntrack --ctorigdstport 80 -j ACCEPT', END_OUT]],
  ])('%s', (_what, spec, expected) => {
    expect(filterOf('web', policy(spec))).toEqual(expected);
  });

  test('is empty for pods that no policy selects', () => {
    expect(filterOf('client', policy('policyTypes: [Ingress, Egress]'))).toEqual([]);
  });

  test('refuses the address of a service of which no pod may be called, and opens those that may', () => {
    const service = (name: string, clusterIP: string) => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: default }
spec: { clusterIP: ${clusterIP}, selector: { app: ${name} }, ports: [{ port: 8080, targetPort: 80 }] }`;
    const world = [service('web', '10.96.0.1'), service('client', '10.96.0.2'), policy('')].join('\n---');

    expect(filterOf('client', world)).toContain('-A OUTPUT -o eth0 -d 10.96.0.1 -p tcp -m conntrack --ctorigdstport 8080 -j DROP');
    expect(filterOf('client', world).join()).not.toContain('10.96.0.2');
    expect(filterOf('web', `${world}\n---${policy('policyTypes: [Egress], egress: [{ to: [{ podSelector: { matchLabels: { app: client } } }] }]').replace('name: one', 'name: two')}`))
      .toContain('-A OUTPUT -o eth0 -d 10.96.0.2/32 -p tcp -m conntrack --ctorigdstport 8080 -j ACCEPT');
  });
});

test.each([
  ['In', ['a', 'b'], true, false], ['NotIn', ['a'], false, true], ['Exists', [], true, false], ['DoesNotExist', [], false, true], ['Unheard', [], false, false],
])('%s %j of a label that is a, and of none', (operator, values, having, missing) => {
  const selector = { matchExpressions: [{ key: 'x', operator, values }] };
  expect([selectsLabels(selector, { x: 'a' }), selectsLabels(selector, {})]).toEqual([having, missing]);
});

test('what is not isolated is let through; what is isolated needs an opening', () => {
  const opening = { addresses: [{ cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] }], ports: [{ protocol: 'tcp', from: 80, to: 90 } as const] };
  expect([lets(undefined, '10.0.0.1', 1), lets([], '10.0.0.1', 80), lets([opening], '10.0.0.1', 90), lets([opening], '10.1.0.1', 80), lets([opening], '10.0.0.1', 91)])
    .toEqual([true, false, true, false, false]);
});
