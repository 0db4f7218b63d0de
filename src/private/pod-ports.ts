import type { Port } from '../port';
import { isHttp } from './ports';

/** Ports of pods by what proxies see on them. */
export interface PodPorts {
  readonly requests: readonly number[];
  readonly connections: readonly number[];
}

/** Pods of a gateway, in their namespace where it is known. */
export interface GatewayPods {
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The ports of some services' pods. A number that means requests anywhere is taken for requests. */
export function podPorts(services: readonly { readonly ports: readonly Port[] }[]): PodPorts {
  const ports = services.flatMap((service) => service.ports);
  const requests = [...new Set(ports.filter(isHttp).map(({ targetPort }) => targetPort))];
  const connections = [...new Set(ports.map(({ targetPort }) => targetPort))].filter((port) => !requests.includes(port));
  return { requests, connections };
}
