import type { IConstruct } from 'constructs';
import { MeshError } from '../mesh-error';
import { isAboutRequests, portsOf, type Scope } from './alternatives';
import type { HostProps } from './host';
import { isHttp } from './ports';
import type { Answer, Forward, Slots } from './route-action';

/** A route of a host, or without `action` a decoration. */
interface HostRule {
  readonly label: string;
  readonly action?: Forward | Answer;
  readonly slots: Slots;
  readonly scope: Scope;
}

/** Refuses a version that the host does not have; types refuse it already, plain JavaScript does not. */
export function checkVersion({ name, versions }: HostProps, version: string | undefined, declarer: IConstruct): void {
  if (version !== undefined && !versions.some((known) => known.name === version)) {
    throw new MeshError({
      construct: declarer,
      code: 'unknown-host',
      problem: `${name} has no version "${version}"`,
      fix: `choose one of ${versions.map((known) => known.name).join(', ') || 'none: it has no versions'}, or add it to \`versions\``,
    });
  }
}

/** Refuses a port that the host does not have. */
export function checkPort({ name, ports }: HostProps, port: number | undefined, declarer: IConstruct): void {
  if (port !== undefined && !ports.some((known) => known.port.number === port)) {
    throw new MeshError({
      construct: declarer, code: 'invalid-value', problem: `${name} has no port ${port}; it has ${ports.map((known) => known.port.number).join(', ')}`, fix: 'choose one of its ports, or leave `port` out for all',
    });
  }
}

/** A rule must be about ports that exist. Where no port speaks HTTP, nothing can be asked of a request or done to it. */
export function checkKind({ name, ports }: HostProps, declarer: IConstruct, rule: HostRule): void {
  const wanted = portsOf(rule.scope).find((number) => !ports.some(({ port }) => port.number === number));
  if (wanted !== undefined) {
    throw new MeshError({
      construct: declarer,
      code: 'unreachable-rule',
      problem: `${rule.label} can never match: ${name} has no port ${wanted}; it has ${ports.map(({ port }) => `${port.protocol} ${port.number}`).join(', ')}`,
      fix: 'choose one of its ports as `match.port`, or leave it out',
    });
  }
  if (ports.some(({ port }) => isHttp(port))) {
    return;
  }
  const aboutRequests = Object.keys(rule.slots).length > 0 || (rule.action !== undefined && (rule.action.kind !== 'forward' || rule.action.rewrite !== undefined))
    || isAboutRequests(rule.scope);
  if (aboutRequests) {
    throw new MeshError({
      construct: declarer,
      code: 'invalid-value',
      problem: `${rule.label} is about requests, but ${name} speaks ${ports.map(({ port }) => port.protocol).join(', ')}: the proxy sees connections only`,
      fix: 'use `to`, `from` and `match.port` only, or declare the port as Port.http, Port.http2 or Port.grpc',
    });
  }
}
