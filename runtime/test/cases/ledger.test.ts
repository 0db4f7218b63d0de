import { Compiler, readProxyStart, readSwitches } from '../../src/compile';
import { readLedger } from '../../src/compile/ledger';
import type { Case } from './case';
import { ServicePorts } from '../../src/engine/service-ports';
import type { Proxy } from '../../src/model/proxy';
import { findCases, snapshotOf } from './case';
import { fieldUses, parseManifests, policyPlaces, printManifests } from './mutation';

jest.setTimeout(300_000);

/** What a proxy gets, in short: names and versions; how it is started; whom it trusts; and where the network leads to Services. */
function fingerprint(input: string, { proxy, env }: Pick<Case, 'proxy' | 'env'>): string {
  const snapshot = snapshotOf(input);
  const compiler = new Compiler(readSwitches(env));
  const { configuration } = compiler.compile(snapshot, proxy);
  const versions = [...configuration].map(([type, resources]) => [type, [...resources.values()].map(({ name, version }) => [name, version])]);
  const { concurrency, caCertificatesPem } = readProxyStart(snapshot, proxy);
  return JSON.stringify([...versions, concurrency, caCertificatesPem, compiler.trust(snapshot).foreignRoots, new ServicePorts(snapshot).addresses(), ...unready(input, proxy)]);
}

/** Some fields count only while pods are not ready. */
function unready(input: string, proxy: Proxy): unknown[] {
  return input.includes('publishNotReadyAddresses') ? [...new Compiler().compile(snapshotOf(input, { readiness: 'reported' }), proxy).configuration].map(([, resources]) => [...resources]) : [];
}

/** The fields of which some case shows that another value makes another configuration. */
function measure(): Set<string> {
  const handled = new Set<string>();
  for (const one of findCases()) {
    const manifests = parseManifests(one.input);
    for (const variant of [manifests, ...policyPlaces(manifests)]) {
      const before = fingerprint(printManifests(variant), one);
      for (const use of fieldUses(variant)) {
        const field = `${use.groupKind} ${use.path}`;
        if (!handled.has(field) && use.mutants.some((mutant) => fingerprint(mutant, one) !== before)) {
          handled.add(field);
        }
      }
    }
  }
  return handled;
}

const ledger = readLedger();
const handled = measure();

test('every field of every kind is handled, which a case shows, or is listed with the reason why not', () => {
  expect(ledger.filter((one) => !one.unsupported && !handled.has(`${one.groupKind} ${one.path}`)).map((one) => `${one.groupKind} ${one.path}`)).toEqual([]);
});

test('nothing is listed as not handled that is', () => {
  expect(ledger.filter((one) => one.unsupported && handled.has(`${one.groupKind} ${one.path}`)).map((one) => `${one.groupKind} ${one.path}`)).toEqual([]);
});

test('the reasons are about fields that exist', () => {
  expect(ledger.filter((one) => one.unsupported).length).toBeGreaterThan(200);
});
