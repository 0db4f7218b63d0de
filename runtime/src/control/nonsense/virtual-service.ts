import type { VirtualServiceSpec } from '../../istio';
import { covers, isHostName, isWritable, overlaps } from '../../model/host';
import type { Metadata } from '../../model/resource';
import { MESH_GATEWAY } from '../../model/route';
import { checkDestination } from './http-destination';
import { checkCaller } from './http-match';
import { checkRule } from './http-rule';
import { checkExportTo, checkHost } from './names';
import { each, type Tell } from './tell';

type Connections = NonNullable<VirtualServiceSpec['tcp']>[number]['route'];

export function checkVirtualService(spec: VirtualServiceSpec, tell: Tell, { namespace }: Metadata): void {
  const { hosts = [], gateways = [MESH_GATEWAY], http, tcp, tls } = spec;
  if (!http?.length && !tcp?.length && !tls?.length) {
    tell('spec', 'has none of http, tcp and tls, so it routes nothing: add a route');
  }
  checkHosts(hosts, gateways, tell);
  checkExportTo(spec.exportTo, { namespace, forNobody: false }, tell);
  each(http, 'spec.http', (rule, path) => checkRule(rule, path, tell));
  each(tcp, 'spec.tcp', ({ match, route }, path) => {
    each(match, `${path}.match`, (one, at) => checkCaller(one, at, tell));
    checkConnections(route, path, tell);
  });
  each(tls, 'spec.tls', ({ match, route }, path) => {
    each(match, `${path}.match`, (one, at) => {
      checkCaller(one, at, tell);
      checkNames(one.sniHosts, hosts, `${at}.sniHosts`, tell);
    });
    checkConnections(route, path, tell);
  });
}

function checkNames(names: readonly string[], hosts: readonly string[], path: string, tell: Tell): void {
  if (names.length === 0) tell(path, 'is empty: name the hosts that clients ask for');
  each(names, path, (name, at) => {
    if (hosts.length > 0 && !hosts.some((host) => covers(host, name))) {
      tell(at, `'${name}' is none of the hosts, which are ${hosts.join(', ')}: name it there too`);
    }
  });
}

function checkConnections(route: Connections, path: string, tell: Tell): void {
  each(route, `${path}.route`, ({ destination, weight = 0 }, at) => {
    checkDestination(destination, `${at}.destination`, tell);
    if (weight < 0) tell(`${at}.weight`, `is ${weight}: a share cannot be less than nothing`);
  });
}

function checkHosts(hosts: readonly string[], gateways: readonly string[], tell: Tell): void {
  each(hosts, 'spec.hosts', (host, path, index) => {
    if (host === '*' && gateways.includes(MESH_GATEWAY)) {
      tell(path, 'is * for the whole mesh, where a rule is for services: name them, or bind the rule to a gateway');
    }
    // Of an empty name, and of a * that is not the first letter, the rest of the control plane tells.
    if (isWritable(host) && /^[^*]+$|^\*[^*]*$/.test(host)) checkHost(host, path, tell);
    const earlier = hosts.slice(0, index).find((other) => overlaps(other, host));
    if (earlier !== undefined && isHostName(host)) {
      tell(path, `'${host}' overlaps with '${earlier}' of the same list: leave one of them out`);
    }
  });
}
