import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { CertificateAgent } from '../../agent/certificate-agent';
import { certificateFaults, readCertificateSettings } from '../../agent/certificate-settings';
import type { CertificateIssuer } from '../../agent/certificate-issuer';
import { MountedCertificates, readMountedPaths, type ProxyCertificates } from '../../agent/mounted-certificates';
import { IstioIssuer, UNREACHED } from '../../agent/istio-issuer';
import type { Pod } from '../../kubernetes';
import { showFolder } from '../../local/pod-files';
import type { PodSandbox } from '../../local/pod-sandbox';
import type { Identity } from '../../model/identity';
import type { Problem } from '../../model/problem';
import type { Log } from './log';

/** Where pods on this machine get their certificates. */
export interface PodAuthority {
  /** `unix:/path`. */
  readonly address: string;
  /** Has the roots of the mesh, by which the authority itself is verified too. */
  readonly rootFile: string;
  /** Roots of others, whose workloads may come too. */
  readonly foreignRootFile: string;
  /** What authorities have taken back. */
  readonly revocationFile: string;
  /** Introduces a pod to the authority: the token is good for one certificate of that identity. */
  join(identity: Identity): Promise<string>;
}

export interface PodAgentOptions {
  readonly pod: Pod;
  readonly sandbox: PodSandbox;
  /** The proxy's. */
  readonly env: Readonly<Record<string, string>>;
  /** A folder of its own, with a short path: the socket is in it. */
  readonly folder: string;
  readonly authority: PodAuthority;
  /** `caCertificatesPem` of the proxy's ProxyConfig. */
  readonly foreignRoots: readonly string[];
  readonly log: Log;
  readonly onChange: () => void;
}

/** Of the environment of `mesh` itself what may shape all pods' certificates. */
const SHARED = ['SECRET_TTL', 'SECRET_GRACE_PERIOD_RATIO', 'SECRET_GRACE_PERIOD_RATIO_JITTER', 'ECC_SIGNATURE_ALGORITHM', 'ECC_CURVE', 'WORKLOAD_RSA_KEY_SIZE'];

/**
 * The agent of a pod's proxy. It lives in the engine, for in the pod run Envoy and the application only, and ends with the pod: an Envoy that
 * starts again gets the same certificate.
 */
export class PodAgent {
  public readonly socket: string;
  private readonly copies: { readonly folder: string; readonly at: string } | undefined;
  private readonly certificates: ProxyCertificates;
  private token: string | undefined;

  public constructor(private readonly options: PodAgentOptions) {
    const { folder, env, authority: { address, rootFile, foreignRootFile, revocationFile }, foreignRoots, onChange } = options;
    this.socket = join(folder, 'sds');
    const mounted = readMountedPaths(env);
    if (mounted) {
      this.certificates = new MountedCertificates({ paths: mounted, socket: this.socket, onChange, log: (level, message) => this.say(level, message) });
      return;
    }
    const shared = Object.fromEntries(SHARED.map((name) => [name, process.env[name]]));
    const { outputFolder, ...settings } = readCertificateSettings({ ...shared, ...env });
    // Pods share the machine's files, so that the copies stand in the run's folder, and in the pod where they are wished.
    this.copies = outputFolder === undefined ? undefined : { folder: join(folder, 'certs'), at: resolve('/', outputFolder) };
    this.certificates = new CertificateAgent({
      settings: { ...settings, ...(this.copies ? { outputFolder: this.copies.folder } : {}) }, onChange, socket: this.socket,
      rootFile, foreignRootFile, revocationFile, foreignRoots,
      issuer: (certificate) => this.keepingToken(new IstioIssuer({
        address, rootFile, certificate, serverName: 'istiod.istio-system.svc', token: async () => (certificate() ? undefined : this.currentToken()),
      })),
      log: (level, message) => this.say(level, message),
    });
  }

  public async start(): Promise<void> {
    await this.certificates.start();
    if (this.copies) {
      mkdirSync(this.copies.folder, { recursive: true, mode: 0o700 });
      await this.options.sandbox.script(showFolder(this.copies.folder, this.copies.at));
    }
  }

  public stop(): void {
    this.certificates.stop();
  }

  public problems(): Problem[] {
    const { namespace, name } = this.options.pod.metadata;
    const { alarm } = this.certificates;
    const resource = { kind: 'Pod', namespace, name };
    const faults = [...certificateFaults(this.options.env)].map(([variable, fault]): Problem => ({
      resource, path: `spec.containers[istio-proxy].env[${variable}]`, message: `${fault}; the default holds`, severity: 'warning',
    }));
    return [...faults, ...(alarm === undefined ? [] : [{ resource, path: '', message: alarm }])];
  }

  private say(level: string, message: string): void {
    this.options.log.add({ stream: 'stderr', text: `agent ${level} ${message}` });
  }

  private async currentToken(): Promise<string> {
    const { metadata: { namespace }, spec: { serviceAccountName: serviceAccount = 'default' } } = this.options.pod;
    return this.token ??= await this.options.authority.join({ namespace, serviceAccount });
  }

  /** A token that has reached the authority may be used up, although the answer was lost; before, it is as good as another. */
  private keepingToken(issuer: CertificateIssuer): CertificateIssuer {
    const sign = async (csr: string, seconds: number) => {
      let unreached = false;
      try {
        return await issuer.sign(csr, seconds);
      } catch (error) {
        unreached = (error as Error).message.startsWith(UNREACHED);
        throw error;
      } finally {
        if (!unreached) this.token = undefined;
      }
    };
    return { sign };
  }
}
