import { isIP } from 'node:net';
import type { ServiceEntrySpec, ServiceEntrySpecPorts } from '../../../../imports/istio/service-entry.types';
import { readAddress, readRanges } from '../../features/address';
import type { Endpoint } from '../../model/endpoint';
import { isHostName, isWildcard } from '../../model/host';
import { Place } from '../../model/place';
import { isHttp, isTls, parseProtocol } from '../../model/protocol';
import type { Resource } from '../../model/resource';
import { refOf } from '../../model/resource';
import type { Resolution, Service, ServicePort } from '../../model/service';
import { readExportTo } from './export-to';
import { readFeatures } from './rooms';
import { readDistribution } from './traffic-distribution';
import { readWorkload } from './workload';

const RESOLUTIONS: Readonly<Record<NonNullable<ServiceEntrySpec['resolution']>, Resolution>> = {
  NONE: 'original', STATIC: 'endpoints', DNS: 'dns', DNS_ROUND_ROBIN: 'dns-round-robin', DYNAMIC_DNS: 'dynamic',
};

/** One service for each host. */
export function readServiceEntry(resource: Resource, place: Place): readonly Service[] {
  const spec = resource.spec as ServiceEntrySpec;
  const shared = readShared(resource, spec, place);
  const autoAddresses = shared.addresses.length > 0 ? [] : readAutoAddresses(resource);
  return spec.hosts.flatMap((name, i): Service[] => {
    const host = name.toLowerCase();
    // What is wrong with the endpoints is said once, however many hosts there are.
    const at = i === 0 ? place : Place.of(place.resource, []);
    const endpoints = readEndpoints(spec, at.at('spec').at('endpoints'), { ...shared, host });
    const problem = hostProblem(name, host, shared.resolution, spec);
    if (problem !== undefined) {
      place.at('spec').at('hosts').at(i).problem(problem);
      return [];
    }
    return [{ ...shared, host, endpoints, autoAddresses: autoAddresses.filter((one) => one.host === host).map((one) => one.value) }];
  });
}

/** What all hosts of an entry have in common. */
function readShared(resource: Resource, spec: ServiceEntrySpec, place: Place): Omit<Service, 'host' | 'endpoints' | 'autoAddresses'> {
  const { namespace, labels, annotations, creationTimestamp } = resource.metadata;
  const resolution = readResolution(spec, place.at('spec').at('resolution'));
  const ports = readPorts(spec, resolution, place.at('spec').at('ports'));
  const features = readFeatures(annotations, place);
  return {
    resource: refOf(resource),
    namespace,
    registry: 'external',
    ports,
    addresses: readRanges(spec.addresses, place.at('spec').at('addresses')),
    resolution,
    meshExternal: spec.location !== 'MESH_INTERNAL',
    exportTo: readExportTo(spec.exportTo, namespace),
    distribution: readDistribution(undefined, annotations),
    labels: labels ?? {},
    selector: spec.workloadSelector?.labels,
    subjectAltNames: spec.subjectAltNames ?? [],
    features,
    created: creationTimestamp ?? '',
  };
}

/** DNS_ROUND_ROBIN is of one name, and a selector may find any number of workloads. */
function readResolution({ resolution = 'NONE', workloadSelector }: ServiceEntrySpec, place: Place): Resolution {
  if (resolution === 'DNS_ROUND_ROBIN' && workloadSelector) {
    place.problem('DNS_ROUND_ROBIN takes one endpoint, and workloadSelector may find several: they are used as with DNS', 'warning');
    return 'dns';
  }
  return RESOLUTIONS[resolution];
}

/** Why a host can be none; undefined where it can. */
function hostProblem(name: string, host: string, resolution: Resolution, { endpoints }: ServiceEntrySpec): string | undefined {
  if (!isHostName(host)) {
    return `'${name}' is no name of DNS: write letters, digits and '-' between dots, with '*' for all of the first part only; the host is left out`;
  }
  if (isWildcard(host) && isLookedUp(resolution) && !endpoints?.length) {
    return `'${host}' stands for many hosts, so there is no name to look up: use resolution NONE or DYNAMIC_DNS, or list endpoints`;
  }
  return undefined;
}

function isLookedUp(resolution: Resolution): boolean {
  return resolution === 'dns' || resolution === 'dns-round-robin';
}

function readPorts({ ports = [] }: ServiceEntrySpec, resolution: Resolution, place: Place): ServicePort[] {
  return ports.map(readPort).filter(({ protocol }, i) => {
    const named = isHttp(protocol) || isTls(protocol) || protocol === 'Auto';
    if (resolution === 'dynamic' && !named) {
      place.at(i).at('protocol').problem(`DYNAMIC_DNS looks up the host that a request or its TLS names, and ${protocol} names none: use HTTP or TLS; the port is left out`);
    }
    return resolution !== 'dynamic' || named;
  });
}

function readPort(spec: ServiceEntrySpecPorts): ServicePort {
  return {
    number: spec.number,
    name: spec.name,
    // Without `protocol` the proxy looks at the first bytes; the name of the port says nothing here.
    protocol: parseProtocol(spec.protocol),
    targetPort: spec.targetPort || spec.number,
  };
}

function readEndpoints(spec: ServiceEntrySpec, at: Place, { resolution, host, namespace }: { resolution: Resolution; host: string; namespace: string }): readonly Endpoint[] {
  const listed = spec.endpoints ?? [];
  if (listed.length > 0) {
    const named = isLookedUp(resolution);
    return listed.flatMap((one, i) => {
      const address = one.address ?? '';
      const valid = named || address.startsWith('unix:///') || readAddress(address, at.at(i).at('address')) !== undefined;
      return valid ? [readWorkload(one, namespace)] : [];
    });
  }
  const byName = isLookedUp(resolution) && !spec.workloadSelector;
  return byName ? [{ address: host, ports: {}, labels: {}, ready: true }] : [];
}

/** What Istio's controller for addresses writes into the status of entries: an address for each host. */
function readAutoAddresses(resource: Resource): readonly { readonly host: string; readonly value: string }[] {
  const { addresses = [] } = (resource.status ?? {}) as { addresses?: readonly { readonly host?: string; readonly value?: string }[] };
  return addresses.flatMap(({ host = '', value = '' }) => (isIP(value) === 0 ? [] : [{ host: host.toLowerCase(), value }]));
}
