import {
  ClientCertificates, RenewableCredentials, serveCertificates, type Authenticator, type AuthorityMetrics, type CertificateAuthority, type Trust,
} from '../ca';
import type { Proxy } from '../model/proxy';
import { bind, type XdsNode, type XdsServer } from '../xds';
import { identityFault } from './identity-check';

export interface SecuredPortOptions {
  readonly xds: XdsServer;
  readonly authority: CertificateAuthority;
  /** Beside the client's own certificate, which is asked first. */
  readonly authenticators: readonly Authenticator[];
  readonly trust: () => Trust;
  readonly parseNode: (node: XdsNode) => Proxy | string;
  readonly metrics: AuthorityMetrics;
  /** Names of the server's certificate. */
  readonly hosts: readonly string[];
  readonly log: (level: 'info' | 'warn', event: object, message: string) => void;
}

/** As istiod: connections are made anew now and then, which shows that the client's certificate is still good. */
const LONGEST_CONNECTION = { 'grpc.max_connection_age_ms': 30 * 60_000, 'grpc.max_connection_age_grace_ms': 10_000 };
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const RETRY_MS = 10_000;

/** Port 15012: certificates for whoever proves an identity, configuration with Secrets for whoever has a certificate. */
export class SecuredPort {
  private timer: NodeJS.Timeout | undefined;

  /** @param address `unix:/path` or `0.0.0.0:15012` */
  public static async open(address: string, options: SecuredPortOptions): Promise<SecuredPort> {
    const { xds, authority, trust, parseNode, authenticators, metrics, log } = options;
    const admit = (node: XdsNode, certificate: Uint8Array | undefined) => identityFault({ node, certificate, trust: trust(), parse: parseNode });
    const server = xds.open({ secrets: true, admit }, LONGEST_CONNECTION);
    serveCertificates(server, { authority, metrics, log, authenticators: [new ClientCertificates(trust), ...authenticators] });
    const certificate = await authority.issueServer(options.hosts);
    const credentials = new RenewableCredentials(certificate);
    const port = await bind(server, address, credentials);
    return new SecuredPort(port, credentials, options, certificate.notAfter);
  }

  private constructor(public readonly port: number, private readonly credentials: RenewableCredentials, private readonly options: SecuredPortOptions, end: Date) {
    this.renewBefore(end);
  }

  /** Another certificate for the server, for new connections: now that the authority has changed, or because the old one ends soon. */
  public async renew(): Promise<void> {
    const { authority, hosts, log } = this.options;
    try {
      const certificate = await authority.issueServer(hosts);
      this.credentials.renew(certificate);
      this.renewBefore(certificate.notAfter);
    } catch (error) {
      log('warn', { reason: error instanceof Error ? error.message : String(error) }, 'cannot renew the certificate of the control plane itself');
      this.again(RETRY_MS);
    }
  }

  public close(): void {
    clearTimeout(this.timer);
  }

  private renewBefore(end: Date): void {
    this.again(Math.max((end.getTime() - Date.now()) / 2, 1000));
  }

  private again(delay: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.renew(), Math.min(delay, LONGEST_TIMER_MS));
    this.timer.unref();
  }
}
