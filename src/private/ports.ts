import type { IConstruct } from 'constructs';
import { MeshError } from '../mesh-error';
import { Port } from '../port';
import { listOf } from './alternatives';
import { checkWhole } from './number-range';

/** A port with the name it has in every object. */
export interface NamedPort {
  readonly port: Port;
  readonly name: string;
}

const NUMBERS = { min: 1, max: 65535 };

/** Ports with names that carry their protocols, `http`, `http-admin`, `tcp-9001`. */
export function namedPorts(given: number | Port | readonly (number | Port)[], construct: IConstruct): NamedPort[] {
  const ports = listOf(given).map((port) => (typeof port === 'number' ? Port.http(port) : port));
  if (ports.length === 0) {
    throw new MeshError({ construct, code: 'invalid-value', problem: 'has no port', fix: 'give it at least one: `port: 8080`' });
  }
  const names = new Set<string>();
  const numbers = new Set<number>();
  return ports.map((port) => {
    checkWhole(port.number, 'port', construct, NUMBERS);
    checkWhole(port.targetPort, 'targetPort', construct, NUMBERS);
    const name = port.options.name === undefined
      ? (names.has(port.protocol) ? `${port.protocol}-${port.number}` : port.protocol)
      : `${port.protocol}-${port.options.name}`;
    if (names.has(name) || numbers.has(port.number)) {
      throw new MeshError({
        construct,
        code: 'duplicate-name',
        problem: names.has(name) ? `two ports are called ${name}` : `port ${port.number} is given twice`,
        fix: 'give every port its own number and name, as in Port.http(8081, { name: \'admin\' })',
      });
    }
    if (name.length > 15 || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
      throw new MeshError({
        construct, code: 'invalid-name', problem: `"${name}" is no port name`, fix: 'use at most 15 lower-case letters, digits and hyphens, protocol included',
      });
    }
    names.add(name);
    numbers.add(port.number);
    return { port, name };
  });
}

const PROXY_PORTS = new Set([15000, 15001, 15004, 15006, 15008, 15020, 15021, 15053, 15090]);

/** Whether Istio's proxy listens on this port in every pod. */
export function isProxyPort(number: number): boolean {
  return PROXY_PORTS.has(number);
}

/** Whether the mesh sees requests on this port. */
export function isHttp(port: Port): boolean {
  return port.protocol === 'http' || port.protocol === 'http2' || port.protocol === 'grpc';
}

/** Whether the mesh sees TLS on this port, and so the name of the server. */
export function isTls(port: Port): boolean {
  return port.protocol === 'https' || port.protocol === 'tls';
}

/** `appProtocol` of a port, in the words that Kubernetes and Istio share where they have one. */
export function appProtocol(port: Port): string {
  return port.protocol;
}
