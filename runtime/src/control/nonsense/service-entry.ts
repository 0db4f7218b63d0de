import { isIP } from 'node:net';
import type { ServiceEntrySpec } from '../../istio';
import { isHostName, isWildcard } from '../../model/host';
import { isHttp, isKnownProtocol, isTls, parseProtocol } from '../../model/protocol';
import type { Metadata } from '../../model/resource';
import { checkExportTo, checkHost, checkPortName, checkSelected, checkTarget } from './names';
import { each, type Tell } from './tell';
import { checkAddress, checkPorts } from './workload-entry';

/** Of what comes over these, proxies can read the host; pilot/pkg/networking/core makes clusters for no others. */
const DYNAMIC: ReadonlySet<string> = new Set(['HTTP', 'TLS', 'GRPC', 'HTTP2']);

export function checkServiceEntry(spec: ServiceEntrySpec, tell: Tell, { namespace }: Metadata): void {
  const { hosts, ports = [], resolution = 'NONE', workloadSelector, exportTo } = spec;
  if (ports.length === 0) tell('spec.ports', 'is empty, so nothing of it can be reached: name the ports');
  each(ports, 'spec.ports', ({ name, protocol = '' }, path) => {
    checkPortName(name, `${path}.name`, tell);
    if (!isKnownProtocol(protocol)) tell(`${path}.protocol`, `'${protocol}' is no protocol that proxies know: it is looked up from the first bytes`);
  });
  each(hosts, 'spec.hosts', (host, path) => {
    if (isIP(host) !== 0) tell(path, `'${host}' is an address, and no name: Istio refuses it, so write a name, and the address in addresses`);
    else if (isHostName(host)) checkHost(host, path, tell);
  });
  each(spec.addresses, 'spec.addresses', (address, path) => {
    if (address.split('/').length > 2) tell(path, `'${address}' is no address, and no range such as 10.1.0.0/16`);
  });
  checkEndpoints(spec, tell);
  checkExportTo(exportTo, { namespace, forNobody: true }, tell);
  if (workloadSelector) checkSelected(workloadSelector.labels, 'spec.workloadSelector.labels', tell);
  if (workloadSelector && resolution === 'NONE') tell('spec.workloadSelector', 'has no effect with resolution: NONE, where connections go where the client sends them: write STATIC');
  const raw = ports.find(({ protocol }) => !isHttp(parseProtocol(protocol)) && !isTls(parseProtocol(protocol)));
  if (hosts.length > 1 && raw && resolution !== 'NONE') {
    tell('spec.hosts', `has ${hosts.length} hosts, which connections to port ${raw.number} do not name: proxies cannot tell them apart, so write an entry for each`);
  }
  if (resolution === 'DYNAMIC_DNS') checkDynamic(spec, tell);
}

function checkEndpoints({ endpoints, ports = [], resolution = 'NONE' }: ServiceEntrySpec, tell: Tell): void {
  const names = new Set(ports.map(({ name }) => name));
  each(endpoints, 'spec.endpoints', (endpoint, path) => {
    for (const name of Object.keys(endpoint.ports ?? {}).filter((one) => !names.has(one))) {
      tell(`${path}.ports.${name}`, `is for no port of the entry: those are called ${[...names].join(', ') || 'nothing, for there are none'}`);
    }
    if (resolution === 'STATIC' && endpoint.address?.startsWith('unix:')) {
      checkAddress(endpoint, path, tell);
      if (ports.length > 1) tell(`${path}.address`, `is a socket, which has no ports, and the entry has ${ports.length}: write an entry for each`);
    }
    if (resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN') checkTarget(endpoint.address ?? '', `${path}.address`, tell);
    checkPorts(endpoint, path, tell);
  });
}

/** https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-Resolution */
function checkDynamic({ hosts, addresses, endpoints, ports }: ServiceEntrySpec, tell: Tell): void {
  each(hosts, 'spec.hosts', (host, path) => {
    if (!isWildcard(host)) tell(path, `'${host}' is no pattern: a single host is looked up with resolution: DNS`);
  });
  each(ports, 'spec.ports', ({ protocol = '', number }, path) => {
    // Of the others the reader tells.
    const read = parseProtocol(protocol);
    if (!DYNAMIC.has(protocol.toUpperCase()) && (isHttp(read) || isTls(read) || read === 'Auto')) tell(`${path}.protocol`, `'${protocol}' of port ${number} is none of ${[...DYNAMIC].join(', ')}, which Istio takes with resolution: DYNAMIC_DNS`);
  });
  for (const [field, list] of Object.entries({ addresses, endpoints })) {
    if (list?.length) tell(`spec.${field}`, 'has no effect with resolution: DYNAMIC_DNS, where the proxy looks up the host that a request names');
  }
}
