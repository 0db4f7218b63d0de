import type { Construct } from 'constructs';
import { EgressGateway } from '../egress-gateway';
import { Gateway } from '../gateway';
import { Mesh } from '../mesh';
import { MeshError } from '../mesh-error';
import type { IMeshService } from '../mesh-member';
import type { PolicyTarget } from '../policy-target';
import { AppRegistry } from './app-registry';
import { checkReference } from './callers';
import { hostsOf } from './host';
import { checkNamespace } from './names';
import { podPorts } from './pod-ports';
import type { PolicyPlace } from './policy-place';

/** Reads what a policy is for. */
export function placeOf(target: PolicyTarget, construct: Construct): PolicyPlace {
  const given = (['service', 'gateway', 'namespace', 'mesh'] as const).filter((name) => target[name] !== undefined);
  if (given.length !== 1) {
    throw new MeshError({
      construct, code: 'invalid-value', problem: given.length === 0 ? 'is for nobody' : `is for ${given.join(' and ')} at once`,
      fix: 'give it exactly one of `service`, `gateway`, `namespace` and `mesh`',
    });
  }
  return target.service !== undefined ? ofService(target.service, construct)
    : target.gateway !== undefined ? ofGateway(target.gateway, construct)
      : target.mesh !== undefined ? ofMesh(target.mesh, construct) : ofNamespace(target.namespace!, construct);
}

function ofService(service: IMeshService, construct: Construct): PolicyPlace {
  checkReference(service, 'service', construct);
  if (hostsOf(service)[0].props.exportTo !== undefined) {
    throw new MeshError({
      construct, code: 'invalid-value', problem: `${service.name} belongs to another repository, and so do its policies`, fix: 'declare the policy where the service is declared',
    });
  }
  return {
    kind: 'service', name: service.name, service,
    covers: (subject) => subject === service,
    selection: { selector: { matchLabels: service.podLabels } },
    eachNamespace: (write) => void write(service.namespace),
    ports: () => podPorts([service]),
  };
}

function ofGateway(gateway: Gateway | EgressGateway, construct: Construct): PolicyPlace {
  if (!(gateway instanceof Gateway || gateway instanceof EgressGateway) || gateway.node.root !== construct.node.root) {
    throw new MeshError({ construct, code: 'unknown-host', problem: '`gateway` is no gateway of this App', fix: 'declare the gateway first' });
  }
  const { namespace, selection } = gateway.policyPlace(construct);
  return {
    kind: 'gateway', name: gateway.name, gateway, selection,
    covers: (subject) => subject === gateway,
    eachNamespace: (write) => void write(namespace),
    ports: () => gateway.podPorts,
  };
}

function ofNamespace(given: string, construct: Construct): PolicyPlace {
  const namespace = checkNamespace(given, construct);
  return {
    kind: 'namespace', name: `namespace ${namespace}`, selection: {},
    covers: (subject) => subject.namespace === namespace,
    eachNamespace: (write) => void write(namespace),
    ports: () => podPorts([...AppRegistry.of(construct).services].filter((service) => service.namespace === namespace)),
  };
}

function ofMesh(mesh: Mesh, construct: Construct): PolicyPlace {
  if (!(mesh instanceof Mesh) || mesh.node.root !== construct.node.root) {
    throw new MeshError({ construct, code: 'missing-mesh', problem: '`mesh` is no Mesh of this App', fix: 'give it the Mesh' });
  }
  return {
    kind: 'mesh', name: 'the mesh', selection: {},
    covers: (subject) => mesh.namespaceNames.includes(subject.namespace),
    eachNamespace: (write) => mesh.eachNamespace((namespace) => void write(namespace)),
    ports: () => podPorts([...AppRegistry.of(construct).services].filter((service) => mesh.namespaceNames.includes(service.namespace))),
  };
}
