import { Compiler, readProxyStart, readSwitches } from '../../src/compile';
import { readLedger } from '../../src/compile/ledger';
import type { Case } from './case';
import { ServicePorts } from '../../src/engine/service-ports';
import type { Proxy } from '../../src/model/proxy';
import { machineEnvironment } from '../../src/inject';
import { resourcesOf, type Snapshot } from '../../src/model/snapshot';
import { findCases, snapshotOf, withMachines } from './case';
import { fieldUses, parseManifests, policyPlaces, printManifests } from './mutation';

jest.setTimeout(300_000);

/** What a proxy gets, in short: names and versions; how it, or a machine, is started; the entries of machines; whom it trusts; and where the network leads to Services. */
function fingerprint(input: string, { proxy, env, machines }: Pick<Case, 'proxy' | 'env' | 'machines'>): string {
  const { snapshot } = withMachines(snapshotOf(input), machines);
  const compiler = new Compiler(readSwitches(env));
  const { configuration } = compiler.compile(snapshot, proxy);
  const versions = [...configuration].map(([type, resources]) => [type, [...resources.values()].map(({ name, version }) => [name, version])]);
  const { concurrency, caCertificatesPem } = readProxyStart(snapshot, proxy);
  const start = [concurrency, caCertificatesPem, compiler.trust(snapshot).foreignRoots, ...ofMachines(snapshot, machines)];
  return JSON.stringify([...versions, ...start, new ServicePorts(snapshot).addresses(), ...unready(input, proxy)]);
}

/** Some fields count only while pods are not ready. */
function unready(input: string, proxy: Proxy): unknown[] {
  return input.includes('publishNotReadyAddresses') ? [...new Compiler().compile(snapshotOf(input, { readiness: 'reported' }), proxy).configuration].map(([, resources]) => [...resources]) : [];
}

function ofMachines(snapshot: Snapshot, machines: Case['machines']): unknown[] {
  const groups = [...resourcesOf(snapshot, 'networking.istio.io/WorkloadGroup').values()];
  const entries = machines.length > 0 ? [...resourcesOf(snapshot, 'networking.istio.io/WorkloadEntry').values()] : [];
  return [...groups.map((group) => machineEnvironment(group, { controlPlane: 'istiod:15012' })), ...entries];
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
