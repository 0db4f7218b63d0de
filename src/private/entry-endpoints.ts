import type { IConstruct } from 'constructs';
import type { ServiceEntrySpecEndpoints } from '../../imports/istio/service-entry.types';
import type { ServiceEndpoint } from '../service-endpoint';
import type { VersionInfo } from './host';
import { invalid } from './invalid-value';
import { defined } from './merge';
import { checkWhole } from './number-range';
import type { NamedPort } from './ports';

type Endpoints = readonly (string | ServiceEndpoint)[];

/** What the props of an external service say about its endpoints. */
export interface GivenEndpoints {
  readonly endpoints?: Endpoints;
  readonly versions?: Readonly<Record<string, Endpoints>>;
}

const ADDRESS = /^([\w-]+(\.[\w-]+)*\.?|[\da-fA-F:.]*:[\da-fA-F:.]*|unix:\/\/\/.+)$/;

/** All endpoints as Istio writes them; those of versions carry the label that the version's subset selects. Undefined if none are given. */
export function entryEndpoints({ endpoints, versions }: GivenEndpoints, ports: readonly NamedPort[], construct: IConstruct): ServiceEntrySpecEndpoints[] | undefined {
  if (versions !== undefined && endpoints !== undefined) {
    throw invalid(construct, 'has both `endpoints` and `versions`', 'give every endpoint to a version, or leave `versions` out');
  }
  if (versions === undefined) {
    return endpoints?.map((endpoint) => entryEndpoint(endpoint, ports, {}, construct));
  }
  return Object.entries(versions).flatMap(([version, list]) => {
    if (list.length === 0) {
      throw invalid(construct, `version ${version} has no endpoint`, 'give it an address');
    }
    return list.map((endpoint) => entryEndpoint(endpoint, ports, { version }, construct));
  });
}

/** The versions as routing sees them; endpoints count like pods where nothing else shares requests out. */
export function endpointVersions({ versions = {} }: GivenEndpoints): VersionInfo[] {
  return Object.entries(versions).map(([name, list]) => ({ name, labels: { version: name }, replicas: list.length }));
}

function entryEndpoint(given: string | ServiceEndpoint, ports: readonly NamedPort[], version: Readonly<Record<string, string>>, construct: IConstruct): ServiceEntrySpecEndpoints {
  const { address, ports: own, locality, weight, labels, network, serviceAccount }: ServiceEndpoint = typeof given === 'string' ? { address: given } : given;
  if (!ADDRESS.test(address)) {
    throw invalid(construct, `endpoint "${address}" is neither an address nor a DNS name`,
      'write it without scheme, port and path: "10.0.0.7" or "db.example.com"; ports are those of `port`');
  }
  if (own !== undefined && address.startsWith('unix:')) {
    throw invalid(construct, `endpoint ${address} is a socket and has no ports`, 'leave `ports` out');
  }
  const all = { ...labels, ...version };
  return defined({
    address,
    ports: own && Object.fromEntries(Object.entries(own).map(([port, target]) => [portName(Number(port), ports, construct), checkWhole(target, `ports[${port}]`, construct, { min: 1, max: 65535 })])),
    labels: Object.keys(all).length > 0 ? all : undefined,
    locality,
    weight: weight === undefined ? undefined : checkWhole(weight, 'weight', construct, { min: 1, max: 4294967295 }),
    network,
    serviceAccount,
  });
}

function portName(number: number, ports: readonly NamedPort[], construct: IConstruct): string {
  const found = ports.find(({ port }) => port.number === number);
  if (found === undefined) {
    throw invalid(construct, `an endpoint names port ${number}, but clients use ${ports.map(({ port }) => port.number).join(', ')}`, 'name its ports by those of `port`: { 80: 8080 }');
  }
  return found.name;
}
