import { readFile } from 'node:fs/promises';
import { Client, credentials, Metadata, status, type ChannelCredentials, type ServiceError } from '@grpc/grpc-js';

import { CREATE_CERTIFICATE, decodeCertificateResponse, encodeCertificateRequest, type IstioCertificateRequest, type IstioCertificateResponse } from '../istio/certificate-service';
import type { CertificateIssuer, IssuedChain } from './certificate-issuer';
import { splitCertificates } from './trust-bundle';

export interface IstioIssuerOptions {
  /** `host:port`, or `unix:/path`. */
  readonly address: string;
  /** The name that the server's certificate must have. */
  readonly serverName: string;
  /** PEM by which the server is verified; read anew for each request. */
  readonly rootFile: string;
  /** What proves the identity; undefined when there is none, or none any more. */
  readonly token: () => Promise<string | undefined>;
  /** The certificate at hand, which proves the identity as well while it lasts. */
  readonly certificate?: () => { readonly chain: string; readonly key: string } | undefined;
  /** The certificate is shown first, and a token only if that does not do: machines whose token does not last (PROV_CERT). @default false */
  readonly certificateFirst?: boolean;
  /** @default 'Kubernetes' */
  readonly clusterId?: string;
}

type Proof = { readonly token: string } | { readonly chain: string; readonly key: string };

/** How messages begin of attempts that did not reach the authority. */
export const UNREACHED = 'UNAVAILABLE';

const DEADLINE_MS = 10_000;
const CHANNEL = {
  'grpc.enable_retries': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
};

/**
 * Certificates by Istio's own service, of istiod or of our control plane. The caller is known by a token, or by the certificate that it has:
 * whichever there is, and the other one when that does not do.
 */
export class IstioIssuer implements CertificateIssuer {
  public constructor(private readonly options: IstioIssuerOptions) {}

  public async sign(csr: string, validityDuration: number): Promise<IssuedChain> {
    const root = await this.readRoot();
    const request = { csr, validityDuration, metadata: {} };
    const proofs = await this.proofs();
    const failures: string[] = [];
    for (const proof of proofs) {
      try {
        return readChain(await this.ask(request, root, proof));
      } catch (error) {
        failures.push(reason(error as Partial<ServiceError> & Error));
      }
    }
    throw new Error([...new Set(failures)].join('; ') || 'there is neither a token nor a valid certificate to prove the identity with');
  }

  private async readRoot(): Promise<string> {
    const { rootFile } = this.options;
    const text = await readFile(rootFile, 'utf8').catch(() => '');
    if (splitCertificates(text).length === 0) throw new Error(`${UNREACHED}: ${rootFile} has no certificate to verify the authority by`);
    return text;
  }

  private async proofs(): Promise<readonly Proof[]> {
    const token = await this.options.token();
    const certificate = this.options.certificate?.();
    const proofs = [...(token ? [{ token }] : []), ...(certificate ? [certificate] : [])];
    return this.options.certificateFirst ? proofs.reverse() : proofs;
  }

  private async ask(request: IstioCertificateRequest, root: string, proof: Proof): Promise<IstioCertificateResponse> {
    const { address, serverName, clusterId = 'Kubernetes' } = this.options;
    const client = new Client(address, channelCredentials(root, proof), { ...CHANNEL, 'grpc.ssl_target_name_override': serverName, 'grpc.default_authority': serverName });
    const metadata = new Metadata();
    metadata.set('clusterid', clusterId);
    if ('token' in proof) metadata.set('authorization', `Bearer ${proof.token}`);
    try {
      return await new Promise((resolve, reject) => {
        const done = (error: ServiceError | null, response?: IstioCertificateResponse) => (response ? resolve(response) : reject(error ?? new Error('the authority answered nothing')));
        client.makeUnaryRequest(CREATE_CERTIFICATE, encodeCertificateRequest, decodeCertificateResponse, request, metadata, { deadline: Date.now() + DEADLINE_MS }, done);
      });
    } finally {
      client.close();
    }
  }
}

/** Channels with the same credentials share a connection, so that many proxies that start together on one machine do not make one each. */
const shared = new Map<string, ChannelCredentials>();

function channelCredentials(root: string, proof: Proof): ChannelCredentials {
  if ('key' in proof) return credentials.createSsl(Buffer.from(root), Buffer.from(proof.key), Buffer.from(proof.chain));
  const known = shared.get(root) ?? credentials.createSsl(Buffer.from(root));
  // Roots change rarely; those of the past are not kept.
  if (!shared.has(root)) shared.clear();
  shared.set(root, known);
  return known;
}

/** The last entry holds the roots. */
function readChain({ certChain }: IstioCertificateResponse): IssuedChain {
  const chain = certChain.slice(0, -1).flatMap(splitCertificates);
  const root = splitCertificates(certChain.at(-1) ?? '').join('');
  if (chain.length === 0 || root === '') throw new Error(`the authority answered ${certChain.length} certificates: expected a chain and its root`);
  return { chain, root };
}

function reason({ code, details, message }: Partial<ServiceError> & Error): string {
  return code === undefined ? message : `${status[code] ?? code}: ${details ?? message}`;
}
