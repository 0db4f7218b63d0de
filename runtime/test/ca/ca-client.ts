import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';

import {
  CREATE_CERTIFICATE, decodeCertificateResponse, encodeCertificateRequest, type IstioCertificateRequest, type IstioCertificateResponse,
} from '../../src/istio/certificate-service';

export interface CaConnection {
  readonly address: string;
  /** PEM by which the server is verified. */
  readonly roots: string;
  /** Shown in the handshake, PEM. */
  readonly certificate?: { readonly chain: string; readonly key: string };
}

export interface CaRequest {
  readonly token?: string;
  readonly cluster?: string;
  readonly request: Partial<IstioCertificateRequest> | Buffer;
}

export type CaCall = CaConnection & CaRequest;

export const CHANNEL = { 'grpc.ssl_target_name_override': 'istiod.istio-system.svc', 'grpc.default_authority': 'istiod.istio-system.svc', 'grpc.enable_retries': 0 };

/** The certificate service over one connection with TLS, as an agent calls it. */
export class CaClient {
  private readonly client: Client;

  constructor({ address, roots, certificate }: CaConnection) {
    this.client = new Client(address, channelCredentials(roots, certificate), CHANNEL);
  }

  /** Rejects with the status. */
  ask({ token, cluster, request }: CaRequest): Promise<IstioCertificateResponse> {
    const metadata = new Metadata();
    if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
    if (cluster !== undefined) metadata.set('clusterid', cluster);
    return new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, response?: IstioCertificateResponse) => (response ? resolve(response) : reject(error as Error));
      const serialize = (message: CaRequest['request']) => (Buffer.isBuffer(message) ? message : encodeCertificateRequest({ csr: '', validityDuration: 0, metadata: {}, ...message }));
      this.client.makeUnaryRequest(CREATE_CERTIFICATE, serialize, decodeCertificateResponse, request, metadata, { deadline: Date.now() + 15_000 }, done);
    });
  }

  close(): void {
    this.client.close();
  }
}

/** One call over a connection of its own. */
export async function askForCertificate(call: CaCall): Promise<IstioCertificateResponse> {
  const client = new CaClient(call);
  return client.ask(call).finally(() => client.close());
}

export function channelCredentials(roots: string, certificate?: CaCall['certificate']) {
  return certificate
    ? credentials.createSsl(Buffer.from(roots), Buffer.from(certificate.key), Buffer.from(certificate.chain))
    : credentials.createSsl(Buffer.from(roots));
}
