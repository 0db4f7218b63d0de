import type { IConstruct } from 'constructs';
import { MeshError } from '../mesh-error';
import type { CallerReference, ICallable } from '../mesh-member';
import type { Port } from '../port';
import type { Scope } from './alternatives';
import { scopeOf } from './callers';

interface ConnectionMatch {
  readonly from?: readonly CallerReference[];
  readonly port?: number;
  readonly addresses?: readonly string[];
  readonly serverNames?: readonly string[];
}

/** The connections that a rule is for: those of all ports of its kind, unless it names one. */
export function connectionScope(service: ICallable, given: ConnectionMatch, kind: { readonly of: (port: Port) => boolean; readonly name: string }, construct: IConstruct): Scope {
  const ports = service.ports.filter((port) => kind.of(port) && (given.port === undefined || port.number === given.port));
  if (ports.length === 0) {
    throw new MeshError({
      construct,
      code: 'invalid-value',
      problem: `${service.node.id} has no ${kind.name} port${given.port === undefined ? '' : ` ${given.port}`}; it has ${service.ports.map((port) => `${port.protocol} ${port.number}`).join(', ')}`,
      fix: 'choose one of its ports, or use `route` for requests',
    });
  }
  const connections = ports.flatMap((port) => (given.serverNames ?? [undefined]).map((sni) => ({ port: port.number, sni, addresses: given.addresses })));
  return { ...scopeOf({ from: given.from }, construct), connections };
}
