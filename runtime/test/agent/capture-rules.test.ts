import { captureArguments } from '../../../src/sidecar';
import { readCaptureArguments } from '../../src/agent/capture';
import { emitCaptureRules } from '../../src/agent/capture-rules';

function rules(annotations: Readonly<Record<string, string>>, proxy: Parameters<typeof emitCaptureRules>[1] = { user: 1337 }): string {
  const traffic = Object.fromEntries(Object.entries(annotations).map(([name, value]) => [name.includes('/') ? name : `traffic.sidecar.istio.io/${name}`, value]));
  const { options, messages } = readCaptureArguments(captureArguments(traffic));
  expect(messages).toEqual([]);
  return emitCaptureRules(options, proxy);
}

/** The rules of one chain, without their `-A CHAIN`. */
function chain(text: string, name: string): string[] {
  return text.split('\n').filter((line) => line.startsWith(`-A ${name} `)).map((line) => line.slice(name.length + 4));
}

describe('the rules of capture', () => {
  test('a pod without annotations has the rules of istio-iptables', () => {
    expect(rules({})).toBe(`*nat
:ISTIO_INBOUND - [0:0]
:ISTIO_IN_REDIRECT - [0:0]
:ISTIO_OUTPUT - [0:0]
:ISTIO_REDIRECT - [0:0]
-A PREROUTING -p tcp -j ISTIO_INBOUND
-A OUTPUT -j ISTIO_OUTPUT
-A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports 15001
-A ISTIO_IN_REDIRECT -p tcp -j REDIRECT --to-ports 15006
-A ISTIO_INBOUND -p tcp --dport 15008 -j RETURN
-A ISTIO_INBOUND -p tcp --dport 15090 -j RETURN
-A ISTIO_INBOUND -p tcp --dport 15021 -j RETURN
-A ISTIO_INBOUND -p tcp --dport 15020 -j RETURN
-A ISTIO_INBOUND -p tcp -j ISTIO_IN_REDIRECT
-A ISTIO_OUTPUT -o lo -s 127.0.0.6/32 -j RETURN
-A ISTIO_OUTPUT -o lo ! -d 127.0.0.1/32 -p tcp ! --dport 15008 -m owner --uid-owner 1337 -j ISTIO_IN_REDIRECT
-A ISTIO_OUTPUT -o lo -m owner ! --uid-owner 1337 -j RETURN
-A ISTIO_OUTPUT -m owner --uid-owner 1337 -j RETURN
-A ISTIO_OUTPUT -o lo ! -d 127.0.0.1/32 -p tcp ! --dport 15008 -m owner --gid-owner 1337 -j ISTIO_IN_REDIRECT
-A ISTIO_OUTPUT -o lo -m owner ! --gid-owner 1337 -j RETURN
-A ISTIO_OUTPUT -m owner --gid-owner 1337 -j RETURN
-A ISTIO_OUTPUT -d 127.0.0.1/32 -j RETURN
-A ISTIO_OUTPUT -j ISTIO_REDIRECT
COMMIT
`);
  });

  test('locally the mark takes the place of user and group', () => {
    const output = chain(rules({}, { mark: 1337 }), 'ISTIO_OUTPUT');
    expect(output).toEqual([
      '-o lo -s 127.0.0.6/32 -j RETURN',
      '-o lo ! -d 127.0.0.1/32 -p tcp ! --dport 15008 -m mark --mark 1337 -j ISTIO_IN_REDIRECT',
      '-o lo -m mark ! --mark 1337 -j RETURN',
      '-m mark --mark 1337 -j RETURN',
      '-d 127.0.0.1/32 -j RETURN',
      '-j ISTIO_REDIRECT',
    ]);
  });

  test('ports inbound: only those named, or all but those named, or none', () => {
    expect(chain(rules({ includeInboundPorts: '80,443' }), 'ISTIO_INBOUND').slice(1)).toEqual(['-p tcp --dport 80 -j ISTIO_IN_REDIRECT', '-p tcp --dport 443 -j ISTIO_IN_REDIRECT']);
    expect(chain(rules({ excludeInboundPorts: '9090' }), 'ISTIO_INBOUND')).toContain('-p tcp --dport 9090 -j RETURN');
    expect(chain(rules({ includeInboundPorts: '' }), 'PREROUTING')).toEqual([]);
  });

  test('ports outbound: excluded ones come first, included ones go through the proxy though their range does not', () => {
    expect(chain(rules({ excludeOutboundPorts: '3306' }), 'ISTIO_OUTPUT').slice(0, 2)).toEqual(['-p tcp --dport 3306 -j RETURN', '-p udp --dport 3306 -j RETURN']);
    expect(chain(rules({ includeOutboundPorts: '27017', includeOutboundIPRanges: '10.0.0.0/8' }), 'ISTIO_OUTPUT').slice(-2)).toEqual([
      '-p tcp --dport 27017 -j ISTIO_REDIRECT', '-d 10.0.0.0/8 -j ISTIO_REDIRECT',
    ]);
  });

  test('ranges outbound: excluded before included; none at all captures nothing', () => {
    expect(chain(rules({ excludeOutboundIPRanges: '10.1.0.0/16,10.2.0.0/16' }), 'ISTIO_OUTPUT').slice(-3)).toEqual([
      '-d 10.1.0.0/16 -j RETURN', '-d 10.2.0.0/16 -j RETURN', '-j ISTIO_REDIRECT',
    ]);
    expect(chain(rules({ includeOutboundIPRanges: '' }), 'ISTIO_OUTPUT').at(-1)).toBe('-d 127.0.0.1/32 -j RETURN');
    // Who captures the loopback means calls to the own pod, too.
    expect(rules({ includeOutboundIPRanges: '127.0.0.0/8' })).not.toContain('-o lo -m owner !');
  });

  test('interfaces: some are left alone, those of virtual machines are captured', () => {
    expect(rules({ excludeInterfaces: 'eth1' })).toMatch(/-A PREROUTING -i eth1 -j RETURN\n-A OUTPUT -o eth1 -j RETURN\n-A PREROUTING -p tcp -j ISTIO_INBOUND/);
    expect(chain(rules({ kubevirtInterfaces: 'net0' }), 'PREROUTING')).toEqual(['-i net0 -j ISTIO_REDIRECT', '-i net0 -j RETURN', '-p tcp -j ISTIO_INBOUND']);
  });

  test('mode NONE captures nothing', () => {
    expect(emitCaptureRules(readCaptureArguments(['-m', 'NONE']).options, { user: 1337 })).toBe('*nat\nCOMMIT\n');
  });

  test.each([
    [['-d', '80,http'], 'http in istio-local-exclude-ports: expected a port number'],
    [['-d', '70000'], '70000 in istio-local-exclude-ports: expected a port number'],
    [['-i', '10.0.0.0'], '10.0.0.0 in istio-service-cidr: expected a range of addresses such as 10.0.0.0/8, or *'],
    [['-x', '10.0.0.0/33'], '10.0.0.0/33 in istio-service-exclude-cidr: expected a range of addresses such as 10.0.0.0/8'],
    [['-c', 'eth0\nCOMMIT'], 'eth0\nCOMMIT in istio-exclude-interfaces: expected the name of a network interface'],
    [['-m', 'TPROXY'], 'interception mode TPROXY: expected REDIRECT or NONE; REDIRECT is used'],
    [['--strange', 'word'], '--strange: no such option of capture'],
  ])('%j is refused and left out', (argv, message) => {
    const { options, messages } = readCaptureArguments(argv);
    expect(messages).toContain(message);
    expect(emitCaptureRules(options, { mark: 1 })).not.toMatch(/http|70000|10\.0\.0\.0|eth0|TPROXY/);
  });

  test('ranges of IPv6 are right, and left out of the rules for IPv4', () => {
    expect(rules({ excludeOutboundIPRanges: 'fd00::/8,10.1.0.0/16' })).not.toContain('fd00');
  });
});
