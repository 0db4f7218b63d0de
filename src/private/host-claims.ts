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
  const forms = [name, `${name}.${namespace}`, `${name}.${namespace}.svc`, serviceHost(name, namespace)];
  for (const form of forms) {
    const wildcard = registry.wildcards.find((known) => form.endsWith(known.slice(1)));
    const external = registry.holder(`external-host ${form}`) ?? registry.holder(`external-host ${wildcard}`);
    if (external !== undefined) {
      throw meshHost(construct, `host ${form} is also declared as an external host by ${external.node.path}`);
    }
    registry.first(`mesh-host ${form}`, construct);
  }
}

/** Claims a host outside the mesh. */
export function claimExternalHost(host: string, construct: IConstruct): void {
  const registry = AppRegistry.of(construct);
  registry.claim(`external-host ${host}`, construct, {
    code: 'duplicate-host',
    problem: `host ${host} is already declared`,
    fix: 'use the ExternalService that is there; an EgressGateway takes it by `allow(external)`',
  });
  const suffix = host.slice(1);
  if (isWildcard(host)) {
    registry.wildcards.push(host);
  }
  const form = isWildcard(host) ? registry.claimed('mesh-host ').find((known) => known.endsWith(suffix)) : host;
  const service = registry.holder(`mesh-host ${form}`);
  if (service !== undefined) {
    throw meshHost(construct, `host ${host} is also a host of the mesh: ${service.node.path} answers for ${form}`);
  }
}

function meshHost(construct: IConstruct, problem: string): MeshError {
  return new MeshError({
    construct, code: 'duplicate-host', problem, fix: 'call the service itself; external hosts are those that no service of the mesh answers for',
  });
}
