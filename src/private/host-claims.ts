import type { IConstruct } from 'constructs';
import { MeshError } from '../mesh-error';
import { AppRegistry } from './app-registry';
import { isWildcard, serviceHost } from './names';

/** What makes a full host of a form, by the number of its labels. */
const SUFFIXES: Readonly<Record<number, string>> = { 2: '.svc.cluster.local', 3: '.cluster.local' };

/** Claims the name of a service in its namespace, and every form of its host. */
export function claimService(name: string, namespace: string, construct: IConstruct): void {
  const registry = AppRegistry.of(construct);
  const host = serviceHost(name, namespace);
  const other = registry.meshHosts.get(host);
  if (other !== undefined) {
    throw new MeshError({
      construct,
      code: 'duplicate-name',
      problem: `${name} in namespace ${namespace} is already declared by ${other.node.path}`,
      fix: 'use the one that is there, or another name or namespace',
    });
  }
  for (const form of registry.externalHosts.size === 0 ? [] : formsOf(host)) {
    const external = registry.externalHosts.get(form) ?? wildcardFor(registry, form);
    if (external !== undefined) {
      throw meshHost(construct, `host ${form} is also declared as an external host by ${external.node.path}`);
    }
  }
  registry.meshHosts.set(host, construct);
  registry.meshNames.set(name, construct);
}

/** Claims a host outside the mesh. */
export function claimExternalHost(host: string, construct: IConstruct): void {
  const registry = AppRegistry.of(construct);
  const other = registry.externalHosts.get(host);
  if (other !== undefined) {
    throw new MeshError({
      construct,
      code: 'duplicate-host',
      problem: `host ${host} is already declared by ${other.node.path}`,
      fix: 'use the ExternalService that is there; an EgressGateway takes it by `allow(external)`',
    });
  }
  const form = isWildcard(host) ? [...registry.meshHosts.keys()].flatMap(formsOf).find((known) => known.endsWith(host.slice(1))) : host;
  const service = form === undefined ? undefined : serviceOf(registry, form);
  if (service !== undefined) {
    throw meshHost(construct, `host ${host} is also a host of the mesh: ${service.node.path} answers for ${form}`);
  }
  registry.externalHosts.set(host, construct);
  if (isWildcard(host)) {
    registry.wildcards.push(host);
  }
}

/** The service that answers for a host, whichever form of its name the host is. */
export function serviceOf({ meshHosts, meshNames }: AppRegistry, form: string): IConstruct | undefined {
  const labels = form.split('.').length;
  return meshHosts.get(form) ?? (labels === 1 ? meshNames.get(form) : labels > 3 ? undefined : meshHosts.get(`${form}${SUFFIXES[labels]}`));
}

/** `cart`, `cart.shop`, `cart.shop.svc` and the full name. */
function formsOf(host: string): string[] {
  const labels = host.split('.');
  return [1, 2, 3, labels.length].map((count) => labels.slice(0, count).join('.'));
}

function wildcardFor(registry: AppRegistry, form: string): IConstruct | undefined {
  const wildcard = registry.wildcards.find((known) => form.endsWith(known.slice(1)));
  return wildcard === undefined ? undefined : registry.externalHosts.get(wildcard);
}

function meshHost(construct: IConstruct, problem: string): MeshError {
  return new MeshError({
    construct, code: 'duplicate-host', problem, fix: 'call the service itself; external hosts are those that no service of the mesh answers for',
  });
}
