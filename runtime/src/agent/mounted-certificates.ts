import { createPrivateKey, X509Certificate } from 'node:crypto';

import type { CertificateAgent, CertificateFigures } from './certificate-agent';
import { FollowedFiles } from './followed-files';
import { SecretServer } from './secret-server';
import { splitCertificates } from './trust-bundle';
import type { HeldCertificate } from './workload-certificate';
import { OWN_SECRET, secretEvents, WorkloadSecrets } from './workload-secrets';

/** Where a proxy's certificate stands that somebody else has made. */
export interface MountedPaths {
  readonly chain: string;
  readonly key: string;
  readonly root: string;
}

export interface MountedCertificatesOptions {
  readonly paths: MountedPaths;
  /** Unix socket at which the proxy asks. */
  readonly socket: string;
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void;
  readonly onChange?: () => void;
}

/** What whoever runs a proxy needs to know of its certificates. */
export type ProxyCertificates = Pick<CertificateAgent, 'start' | 'stop' | 'current' | 'alarm' | 'figures'>;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The files of FILE_MOUNTED_CERTS, undefined where it is not wished: `ISTIO_META_TLS_CLIENT_CERT_CHAIN`, `…_KEY` and `…_ROOT_CERT`, or those with
 * `SERVER` in the name, or `/etc/certs`. One certificate serves both ways, as a workload has one identity.
 */
export function readMountedPaths(env: Environment): MountedPaths | undefined {
  if (env.FILE_MOUNTED_CERTS !== 'true') return undefined;
  const pathOf = (name: string, fallback: string) => env[`ISTIO_META_TLS_CLIENT_${name}`] || env[`ISTIO_META_TLS_SERVER_${name}`] || `/etc/certs/${fallback}`;
  return { chain: pathOf('CERT_CHAIN', 'cert-chain.pem'), key: pathOf('KEY', 'key.pem'), root: pathOf('ROOT_CERT', 'root-cert.pem') };
}

/** Certificates of files, which somebody else renews: they are served as they are, again whenever they change, and no authority is asked. */
export class MountedCertificates implements ProxyCertificates {
  private readonly secrets = new WorkloadSecrets();
  private readonly server: SecretServer;
  private readonly files = new FollowedFiles(() => this.take());
  private readonly texts = { chain: '', key: '', root: '' };
  private held: HeldCertificate | undefined;
  private wrong: string | undefined;

  public constructor(private readonly options: MountedCertificatesOptions) {
    const { log } = options;
    this.server = new SecretServer(this.secrets, secretEvents(log));
  }

  public async start(): Promise<void> {
    const { socket, paths } = this.options;
    await this.server.listen(socket);
    await Promise.all((['chain', 'key', 'root'] as const).map((part) => this.files.follow(paths[part], (text) => { this.texts[part] = text; })));
    this.take();
  }

  public stop(): void {
    this.files.close();
    this.server.close();
  }

  public get current(): HeldCertificate | undefined {
    return this.held;
  }

  public get alarm(): string | undefined {
    const ended = this.held !== undefined && this.held.expiresAt <= Date.now();
    return this.wrong ?? (ended ? `the certificate of ${this.options.paths.chain} has ended: put a new one there` : undefined);
  }

  public figures(): CertificateFigures {
    return { requests: 0, failedRequests: 0, secondsLeft: this.held === undefined ? {} : { [OWN_SECRET]: (this.held.expiresAt - Date.now()) / 1_000 } };
  }

  /** Files change one after the other: until they fit together the proxy keeps what it has. */
  private take(): void {
    const { chain, key, root } = this.texts;
    this.wrong = faultOf(this.texts, this.options.paths);
    if (this.wrong === undefined) {
      const leaf = new X509Certificate(chain);
      this.held = { chain, key, serial: leaf.serialNumber, receivedAt: Date.now(), expiresAt: Date.parse(leaf.validTo) };
      this.secrets.setRoots(splitCertificates(root).join(''));
      this.secrets.setCertificate(this.held);
      this.server.push();
      this.options.log('info', `certificate ${leaf.serialNumber} until ${new Date(this.held.expiresAt).toISOString()}, of ${this.options.paths.chain}`);
    } else {
      this.options.log('warn', this.wrong);
    }
    this.options.onChange?.();
  }
}

/** Why files are no certificate of a proxy, without a word of the key. */
function faultOf({ chain, key, root }: Readonly<Record<keyof MountedPaths, string>>, paths: MountedPaths): string | undefined {
  const [leaf] = splitCertificates(chain);
  if (leaf === undefined) return `${paths.chain} holds no certificate in PEM`;
  if (splitCertificates(root).length === 0) return `${paths.root} holds no certificate in PEM, by which others could be verified`;
  try {
    return new X509Certificate(leaf).checkPrivateKey(createPrivateKey(key)) ? undefined : `${paths.key} is not the key of the certificate in ${paths.chain}`;
  } catch {
    return `${paths.key} holds no private key in PEM`;
  }
}
