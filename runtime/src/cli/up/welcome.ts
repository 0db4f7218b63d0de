import pc from 'picocolors';

import type { Opening } from '../../engine/local-mesh';
import type { GatewayOverview } from '../../engine/gateways';
import type { MeshStatus, ServiceOverview, VersionOverview } from '../../engine/overview';
import { formatTable } from '../table';

export interface Way {
  readonly url: string;
  /** The whole command for hosts that this machine does not resolve to itself. */
  readonly curl?: string;
}

export interface WelcomeOptions {
  readonly openings: readonly Opening[];
  /** What to edit, as the user named it. */
  readonly edit?: string;
  /** How this command is called: `mesh` or `npx mesh`. */
  readonly command: string;
}

/** The table of a mesh that has come up, its address in the browser, and three things to try. */
export function formatWelcome(status: MeshStatus, options: WelcomeOptions): string {
  const ways = waysIn(status.gateways, options.openings);
  const lines = ways.map(({ url, curl }, index) => `  ${index === 0 ? pc.bold('open') : '    '}   ${pc.cyan(url)}${curl ? `\n         ${curl}` : ''}`);
  const things = tries(status, options).map((thing, index) => `  ${index === 0 ? pc.bold('try') : '   '}    ${thing}`);
  return ['', servicesTable(status), '', ...lines, ...things, ''].join('\n');
}

export function servicesTable({ services, pods }: MeshStatus): string {
  const ready = new Map(pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod.ready]));
  const several = new Set(services.map(({ namespace }) => namespace)).size > 1;
  const rows = [...services].sort(byCalls).flatMap((service) => service.versions.map((version, index) => [
    index === 0 ? pc.bold(several ? `${service.name}.${service.namespace}` : service.name) : '',
    versionText(version, service), String(version.pods.length), readyText(version, ready),
    index === 0 ? `${service.address === 'None' ? 'headless' : service.address}:${service.ports.join(',')}` : '',
    index === 0 ? callsText(service) : '',
  ]));
  return formatTable(['service', 'version', 'pods', 'ready', 'address', 'calls'].map((word) => pc.dim(word)), rows);
}

/** Gateways come first, then who calls others: that is how people read a system. */
function byCalls(a: ServiceOverview, b: ServiceOverview): number {
  return Number(b.serves !== undefined) - Number(a.serves !== undefined) || (b.calls?.length ?? 0) - (a.calls?.length ?? 0) || (a.name < b.name ? -1 : 1);
}

function versionText({ version, share }: VersionOverview, { versions }: ServiceOverview): string {
  const name = version || '–';
  return share === undefined || versions.length === 1 ? name : `${name} ${Math.round(share * 10) / 10} %`;
}

function readyText({ pods }: VersionOverview, ready: ReadonlyMap<string, boolean>): string {
  const count = pods.filter((pod) => ready.get(pod)).length;
  if (count === pods.length) {
    return pc.green('✔');
  }
  return pc.red(pods.length === 1 ? '✖' : `${count}/${pods.length}`);
}

function callsText({ calls, serves }: ServiceOverview): string {
  if (serves !== undefined) {
    return serves.length > 0 ? `serves ${serves.join(', ')}` : '–';
  }
  return calls === undefined ? 'everything' : calls.join(', ') || '–';
}

/** How to reach what the gateways serve, from this machine. */
export function waysIn(gateways: readonly GatewayOverview[], openings: readonly Opening[]): Way[] {
  return gateways.flatMap((gateway) => {
    const opening = openings.find(({ service, port }) => service === gateway.service && port === gateway.port);
    return opening ? [wayIn(gateway, opening.localPort)] : [];
  });
}

function wayIn({ protocol, host, path }: GatewayOverview, port: number): Way {
  const secure = protocol === 'HTTPS' || protocol === 'TLS';
  if (!secure && !protocol.startsWith('HTTP') && !protocol.startsWith('GRPC')) {
    return { url: `localhost:${port}` };
  }
  const scheme = secure ? 'https' : 'http';
  const name = host === '*' ? 'localhost' : host.replace(/^\*\./, 'www.');
  const local = name === 'localhost' || name.endsWith('.localhost');
  const url = `${scheme}://${name}:${port}${path}`;
  return local ? { url } : { url, curl: `curl --resolve ${name}:${port}:127.0.0.1 ${secure ? '--insecure ' : ''}${url}` };
}

function tries(status: MeshStatus, { edit, command }: WelcomeOptions): string[] {
  const services = status.services.filter(({ serves }) => serves === undefined);
  const called = ({ calls = [], namespace }: ServiceOverview) => services.find((one) => calls.includes(one.namespace === namespace ? one.name : `${one.name}.${one.namespace}`));
  const caller = services.find(called) ?? services[0];
  const callee = caller && (called(caller) ?? services.at(-1));
  const host = callee?.namespace === caller?.namespace ? callee?.name : `${callee?.name}.${callee?.namespace}`;
  const call = caller && callee ? [`${command} exec ${caller.name} -- curl -s ${host}:${callee.ports[0]}`] : [];
  return [...call, ...(edit ? [`edit ${edit}`] : []), `${command} status`];
}
