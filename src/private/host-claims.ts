import type { IConstruct } from 'constructs';
import { MeshError } from '../mesh-error';
import { AppRegistry } from './app-registry';
import { isWildcard, serviceHost } from './names';

/** Claims the name of a service in its namespace, and every form of its host. */
export function claimService(name: string, namespace: string, construct: IConstruct): void {
  const registry = AppRegistry.of(construct);
  registry.claim(`service ${namespace}/${name}`, construct, {
    code: 'duplicate-name',
    problem: `${name} in namespace ${namespace} is already declared`,
    fix: 'use the one that is there, or another name or namespace',
  });
  for (const form of [name, `${name}.${namespace}`, `${name}.${namespace}.svc`, serviceHost(name, namespace)]) {
    const external = registry.externalHosts.get(form) ?? wildcardFor(registry, form);
    if (external !== undefined) {
      throw meshHost(construct, `host ${form} is also declared as an external host by ${external.node.path}`);
    }
    registry.meshHosts.set(form, construct);
  }
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
  const form = isWildcard(host) ? [...registry.meshHosts.keys()].find((known) => known.endsWith(host.slice(1))) : host;
  const service = registry.meshHosts.get(form ?? '');
  if (service !== undefined) {
    throw meshHost(construct, `host ${host} is also a host of the mesh: ${service.node.path} answers for ${form}`);
  }
  registry.externalHosts.set(host, construct);
  if (isWildcard(host)) {
    registry.wildcards.push(host);
  }
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
