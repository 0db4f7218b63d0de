import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { basename, join } from 'node:path';

import { TokenFolder } from '../ca';
import { parseDiscoveryAddress } from '../agent/arguments';
import { accountOf, machineEnvironment } from '../inject';
import type { Resource } from '../model/resource';
import { readFiles } from '../source';
import { Failure } from './failure';
import { formatProblem } from './problem-text';
import { lifetimeOf } from './token';
import { trustDomainOf } from './trust-domain';

interface MachineOptions {
  readonly ca: string;
  readonly output: string;
  readonly controlPlane: string;
  readonly address?: string;
  readonly ttl: string;
}

const SECRETS = 'var/run/secrets';
const SECRET_MODE = 0o600;

/** Writes the folder by which a machine outside of Kubernetes joins the mesh as a workload of a WorkloadGroup. */
export async function machine(wanted: string, files: readonly string[], options: MachineOptions): Promise<number> {
  const { objects, problems } = await readFiles(files);
  problems.forEach((problem) => process.stderr.write(`${formatProblem(problem)}\n`));
  const group = findGroup(wanted, objects.map(({ resource }) => resource));
  const rootFile = join(options.ca, 'root-cert.pem');
  if (!existsSync(rootFile)) throw new Failure(`there is no ${rootFile}: give the folder that mesh control was given with --ca, after it has started once`);
  const identity = { namespace: group.metadata.namespace, serviceAccount: accountOf(group) };
  const { controlPlane, address, output } = options;
  if (address !== undefined && isIP(address) === 0) throw new Failure(`--address ${address}: expected an IP address`);
  if (!parseDiscoveryAddress(controlPlane)) throw new Failure(`--control-plane ${controlPlane}: expected HOST:PORT, such as istiod.example.com:15012`);
  const environment = machineEnvironment(group, { controlPlane, trustDomain: trustDomainOf(objects), ...(address !== undefined && { address }) });
  for (const folder of ['tokens', 'istio', 'workload-spiffe-uds']) mkdirSync(join(output, SECRETS, folder), { recursive: true });
  writeFileSync(join(output, 'cluster.env'), shellText(environment));
  writeFileSync(join(output, SECRETS, 'tokens/istio-token'), new TokenFolder(options.ca).invite(identity, lifetimeOf(options.ttl)), { mode: SECRET_MODE });
  writeFileSync(join(output, SECRETS, 'istio/root-cert.pem'), readFileSync(rootFile));
  process.stdout.write(`${output} is for one machine of ${identity.namespace}/${group.metadata.name}, for ${options.ttl}. Copy it there, then: ${startOf(output)}\n`);
  return 0;
}

/** What is typed on the machine. */
function startOf(folder: string): string {
  return `cd ${basename(folder)} && export ENVOY_PATH=$(mesh envoy) && set -a && . ./cluster.env && mesh agent sidecar`;
}

/** `NAME`, or `NAME.NAMESPACE` where several have the name. */
function findGroup(wanted: string, resources: readonly Resource[]): Resource {
  const groups = resources.filter(({ kind }) => kind === 'WorkloadGroup');
  const named = groups.filter(({ metadata: { name, namespace } }) => wanted === name || wanted === `${name}.${namespace}`);
  if (named.length === 1) return named[0];
  const there = groups.map(({ metadata: { name, namespace } }) => `${name}.${namespace}`).join(', ') || 'none';
  throw new Failure(`${named.length === 0 ? 'there is no' : 'there is more than one'} WorkloadGroup ${wanted} in these files: there are ${there}`);
}

/** For `.` of a shell. Values of ours in `$( )` are its to find out; a user's are in single quotes. */
function shellText(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment).map(([name, value]) => `${name}=${value.startsWith('$(') ? `"${value}"` : `'${value.replaceAll("'", "'\\''")}'`}\n`).join('');
}
