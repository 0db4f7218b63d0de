import type { IConstruct } from 'constructs';
import { MeshError } from '../mesh-error';
import type { ICallable } from '../mesh-member';
import type { Port } from '../port';
import { hostsOf } from './host';
import { isHttp, isTls } from './ports';

/** What a gateway sends to a service: requests, TLS that goes through, or any connection. */
export type Traffic = 'requests' | 'tls' | 'connections';

/** The port of a service that traffic of a kind goes to: the wanted one, or the first that fits best. */
export function servicePortOf(service: ICallable, traffic: Traffic, wanted: number | undefined, construct: IConstruct): Port {
  const ports = hostsOf(service)[0].props.ports.map(({ port }) => port);
  const found = wanted === undefined ? bestPort(ports, traffic) : ports.find(({ number }) => number === wanted);
  if (found === undefined || (traffic === 'requests' && !isHttp(found))) {
    const kind = traffic === 'requests' ? 'HTTP ' : '';
    throw new MeshError({
      construct,
      code: 'invalid-value',
      problem: `${service.node.id} has no ${kind}port${wanted === undefined ? '' : ` ${wanted}`}; it has ${ports.map((port) => `${port.protocol} ${port.number}`).join(', ')}`,
      fix: traffic === 'requests' ? 'use `tcp` for connections' : 'choose one of its ports as `servicePort`',
    });
  }
  return found;
}

function bestPort(ports: readonly Port[], traffic: Traffic): Port | undefined {
  if (traffic === 'requests') {
    return ports.find(isHttp);
  }
  return (traffic === 'tls' ? ports.find(isTls) : undefined) ?? ports.find((port) => !isHttp(port)) ?? ports[0];
}
