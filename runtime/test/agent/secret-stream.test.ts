import type { DeltaDiscoveryResponse, DiscoveryResponse } from '../../src/envoy';
import { DeltaStream, WholeStream, type SecretSource } from '../../src/agent/secret-stream';
import { SecretServer } from '../../src/agent/secret-server';
import { poll } from '../xds/envoy-process';
import { SecretWorld } from './secret-world';

jest.setTimeout(60_000);

/** Secrets by name, with their versions. */
class Secrets implements SecretSource {
  public readonly names = new Set(['default', 'ROOTCA']);
  public readonly versions: Record<string, string> = {};

  public get(name: string) {
    const version = this.versions[name];
    return version === undefined ? undefined : { name, version, bytes: Buffer.from(version) };
  }
}

function heard() {
  const said: string[] = [];
  return {
    said,
    events: {
      onAck: (names: readonly string[]) => void said.push(`ack ${names.join()}`),
      onNack: (names: readonly string[], message: string) => void said.push(`nack ${names.join()}: ${message}`),
      onUnknown: (name: string) => void said.push(`unknown ${name}`),
    },
  };
}

describe('state of the world', () => {
  test('sends what there is and what changes, once', () => {
    const secrets = new Secrets();
    const sent: DiscoveryResponse[] = [];
    const { said, events } = heard();
    const stream = new WholeStream(secrets, (response) => sent.push(response), events);
    stream.receive({ resourceNames: ['default'] });
    expect(sent).toEqual([]);
    secrets.versions.default = 'a';
    stream.push();
    stream.receive({ resourceNames: ['default'], versionInfo: 'a', responseNonce: '1' });
    stream.push();
    secrets.versions.default = 'b';
    stream.push();
    stream.receive({ resourceNames: ['default'], versionInfo: 'a', responseNonce: '2', errorDetail: { message: 'bad' } });

    expect(sent.map(({ versionInfo, nonce }) => [versionInfo, nonce])).toEqual([['a', '1'], ['b', '2']]);
    expect(said).toEqual(['ack default', 'nack default: bad']);
  });

  test('an Envoy that connects again is told what is new only', () => {
    const secrets = new Secrets();
    secrets.versions.ROOTCA = 'a';
    const sent: DiscoveryResponse[] = [];
    const stream = new WholeStream(secrets, (response) => sent.push(response), heard().events);
    stream.receive({ resourceNames: ['ROOTCA'], versionInfo: 'a' });
    expect(sent).toEqual([]);
    secrets.versions.ROOTCA = 'b';
    stream.push();
    expect(sent).toHaveLength(1);
  });

  test('there are no other names', () => {
    const sent: DiscoveryResponse[] = [];
    const { said, events } = heard();
    new WholeStream(new Secrets(), (response) => sent.push(response), events).receive({ resourceNames: ['kubernetes://somebody'] });
    expect([sent, said]).toEqual([[], ['unknown kubernetes://somebody']]);
  });
});

test('differences: one stream for several secrets, which knows what the Envoy has', () => {
  const secrets = new Secrets();
  secrets.versions.default = 'a';
  secrets.versions.ROOTCA = 'x';
  const sent: DeltaDiscoveryResponse[] = [];
  const { said, events } = heard();
  const stream = new DeltaStream(secrets, (response) => sent.push(response), events);
  stream.receive({ resourceNamesSubscribe: ['default', 'ROOTCA', 'other'], initialResourceVersions: { ROOTCA: 'x' } });
  stream.receive({ responseNonce: '1' });
  secrets.versions.ROOTCA = 'y';
  stream.push();
  stream.receive({ resourceNamesUnsubscribe: ['default'] });
  secrets.versions.default = 'b';
  stream.push();

  expect(sent.map(({ resources }) => resources?.map(({ name, version }) => `${name} ${version}`))).toEqual([['default a'], ['ROOTCA y']]);
  expect(said).toEqual(['unknown other', 'ack default']);
});

test('what a real Envoy refuses is told, and it goes on with what it had', async () => {
  const world = await SecretWorld.create();
  const { said, events } = heard();
  const secrets = new Secrets();
  const server = new SecretServer(secrets, events);
  await server.listen(world.socketOf('broken'));
  const envoy = world.envoy('broken');
  try {
    secrets.versions.default = 'no protobuf';
    await Promise.all([envoy.start(), poll(() => Promise.resolve(said.find((line) => line.startsWith('nack default'))))]);
    expect(said.join('\n')).toMatch(/nack default: .+/);
  } finally {
    server.close();
    await world.close();
  }
});
