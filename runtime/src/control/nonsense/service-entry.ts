import type { ServiceEntrySpec } from '../../istio';
import { isWildcard } from '../../model/host';
import { isHttp, isKnownProtocol, isTls, parseProtocol } from '../../model/protocol';
import { each, type Tell } from './tell';

export function checkServiceEntry(spec: ServiceEntrySpec, tell: Tell): void {
  const { hosts, ports = [], endpoints, resolution = 'NONE' } = spec;
  if (ports.length === 0) tell('spec.ports', 'is empty, so nothing of it can be reached: name the ports');
  each(ports, 'spec.ports', ({ protocol = '' }, path) => {
    if (!isKnownProtocol(protocol)) tell(`${path}.protocol`, `'${protocol}' is no protocol that proxies know: it is looked up from the first bytes`);
  });
  const names = new Set(ports.map(({ name }) => name));
  each(endpoints, 'spec.endpoints', (endpoint, path) => {
    for (const name of Object.keys(endpoint.ports ?? {}).filter((one) => !names.has(one))) {
      tell(`${path}.ports.${name}`, `is for no port of the entry: those are called ${[...names].join(', ') || 'nothing, for there are none'}`);
    }
  });
  const raw = ports.find(({ protocol }) => !isHttp(parseProtocol(protocol)) && !isTls(parseProtocol(protocol)));
  if (hosts.length > 1 && raw && resolution !== 'NONE') {
    tell('spec.hosts', `has ${hosts.length} hosts, which connections to port ${raw.number} do not name: proxies cannot tell them apart, so write an entry for each`);
  }
  if (resolution === 'DYNAMIC_DNS') checkDynamic(spec, tell);
}

/** https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-Resolution */
function checkDynamic({ hosts, addresses, endpoints }: ServiceEntrySpec, tell: Tell): void {
  each(hosts, 'spec.hosts', (host, path) => {
    if (!isWildcard(host)) tell(path, `'${host}' is no pattern: a single host is looked up with resolution: DNS`);
  });
  for (const [field, list] of Object.entries({ addresses, endpoints })) {
    if (list?.length) tell(`spec.${field}`, 'has no effect with resolution: DYNAMIC_DNS, where the proxy looks up the host that a request names');
  }
}
