import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';

import { spiffeId, TRUST_DOMAIN } from '../model/identity';
import { parseDiscoveryAddress } from './arguments';
import { CertificateAgent, type CertificateAgentOptions } from './certificate-agent';
import { certificateFaults, readCertificateSettings } from './certificate-settings';
import { IstioIssuer } from './istio-issuer';
import { MountedCertificates, readMountedPaths, type ProxyCertificates } from './mounted-certificates';
import type { HeldCertificate } from './workload-certificate';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where Istio's agent finds things, from the folder that it runs in: `/` in an image. */
const SECRETS = './var/run/secrets';
const TOKEN_FILE = `${SECRETS}/tokens/istio-token`;
const ROOT_FILE = `${SECRETS}/istio/root-cert.pem`;
const FOREIGN_ROOT_FILE = `${SECRETS}/istio/foreign-roots.pem`;
/** An entry of the same ConfigMap; Istio has one of its own for it, `istio-ca-crl`. */
const REVOCATION_FILE = `${SECRETS}/istio/ca-crl.pem`;
const PLAIN_PORT = 15010;
const SECURE_PORT = 15012;

export interface ProcessIdentity {
  /** Where Envoy asks for its certificate. */
  readonly socket: string;
  /** Undefined where somebody else serves certificates at the socket already (SPIRE). */
  readonly agent?: ProxyCertificates;
}

export interface ProcessIdentityOptions {
  /** Of the agent, with the proxy's metadata below it. */
  readonly env: Environment;
  /** `istiod.istio-system.svc:15012`, where CA_ADDR says nothing else. */
  readonly discoveryAddress: string;
  /** `caCertificatesPem` of its ProxyConfig. */
  readonly foreignRoots?: readonly string[];
  readonly log: CertificateAgentOptions['log'];
}

/**
 * The identity of the proxy beside which the agent is process 1: in a pod, or on a machine outside of Kubernetes, which proves who it is by a
 * token that was brought there, and from then on by the certificate that it has (PROV_CERT, OUTPUT_CERTS).
 *
 * @see https://istio.io/latest/docs/setup/install/virtual-machine/ and pilot/cmd/pilot-agent/options/security.go
 */
export async function startIdentity({ env, discoveryAddress, foreignRoots = [], log }: ProcessIdentityOptions): Promise<ProcessIdentity> {
  const socket = `${SECRETS}/workload-spiffe-uds/${env.WORKLOAD_IDENTITY_SOCKET_FILE || 'socket'}`;
  if (await answers(socket)) {
    log('info', `certificates are served at ${socket} already`);
    return { socket };
  }
  const mounted = readMountedPaths(env);
  if (mounted) {
    const files = new MountedCertificates({ paths: mounted, socket, log });
    await files.start();
    return { socket, agent: files };
  }
  certificateFaults(env).forEach((fault) => log('warn', `${fault}; the default holds`));
  const address = authorityAddress(env, discoveryAddress);
  const rootFile = rootFileOf(env);
  const provided = env.PROV_CERT ? readProvided(env.PROV_CERT) : undefined;
  const agent = new CertificateAgent({
    socket, log,
    identity: spiffeId(env.TRUST_DOMAIN ?? TRUST_DOMAIN, { namespace: env.POD_NAMESPACE ?? 'default', serviceAccount: env.SERVICE_ACCOUNT ?? 'default' }),
    settings: readCertificateSettings(env),
    // A root that is for the authority alone is not one of the mesh.
    ...(env.CA_ROOT_CA ? {} : { rootFile }),
    foreignRootFile: FOREIGN_ROOT_FILE, revocationFile: REVOCATION_FILE, foreignRoots,
    ...(provided ? { provided } : {}),
    outputMode: env.KUBERNETES_SERVICE_HOST ? 0o644 : 0o600,
    issuer: (certificate) => new IstioIssuer({
      address, rootFile, certificate,
      serverName: env.ISTIOD_SAN || (parseDiscoveryAddress(address)?.host ?? address),
      token: () => readFile(TOKEN_FILE, 'utf8').then((text) => text.trim() || undefined, () => undefined),
      certificateFirst: Boolean(env.PROV_CERT),
      clusterId: env.ISTIO_META_CLUSTER_ID ?? 'Kubernetes',
    }),
  });
  await agent.start();
  return { socket, agent };
}

/** The port for plain text has no authority behind it. */
function authorityAddress({ CA_ADDR: given }: Environment, discoveryAddress: string): string {
  if (given) return given;
  const address = parseDiscoveryAddress(discoveryAddress);
  return address?.port === PLAIN_PORT ? `${address.host}:${SECURE_PORT}` : discoveryAddress;
}

/** With the roots of the mesh. */
export function rootFileOf(env: Environment): string {
  const { CA_ROOT_CA: given, PROV_CERT: provided } = env;
  return readMountedPaths(env)?.root ?? (given || (provided ? join(provided, 'root-cert.pem') : ROOT_FILE));
}

/** A certificate of an earlier run, if it is still good. */
function readProvided(folder: string): HeldCertificate | undefined {
  try {
    const [chain, key] = ['cert-chain.pem', 'key.pem'].map((name) => readFileSync(join(folder, name), 'utf8')) as [string, string];
    const { validFrom, validTo, serialNumber } = new X509Certificate(chain);
    return { chain, key, serial: serialNumber, receivedAt: Date.parse(validFrom), expiresAt: Date.parse(validTo) };
  } catch {
    return undefined;
  }
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}
