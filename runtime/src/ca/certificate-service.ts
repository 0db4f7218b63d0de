import { status, type Server, type ServerUnaryCall, type sendUnaryData, type ServiceDefinition } from '@grpc/grpc-js';

import {
  CREATE_CERTIFICATE, decodeCertificateRequest, encodeCertificateResponse, type IstioCertificateRequest, type IstioCertificateResponse,
} from '../istio/certificate-service';
import { authenticate, type Authenticator, type Credentials } from './authenticator';
import type { CertificateAuthority } from './authority';
import { SigningRefused } from './certificate-request';
import type { AuthorityMetrics } from './metrics';

export interface CertificateServiceOptions {
  readonly authority: CertificateAuthority;
  /** Asked in this order. */
  readonly authenticators: readonly Authenticator[];
  readonly metrics: AuthorityMetrics;
  /** Gets what has happened, never a token or a key. */
  readonly log: (level: 'info' | 'warn', event: object, message: string) => void;
}

/** Bytes of one message: a request, its name and its metadata. */
const LONGEST_MESSAGE = 64 * 1024;
const BEARER = 'Bearer ';
/** What others must not learn is told to the log only; istiod answers with these words. */
const UNKNOWN_CALLER = 'request authenticate failure';

type Request = IstioCertificateRequest | { readonly fault: string };
type Call = ServerUnaryCall<Request, IstioCertificateResponse>;

const SERVICE: ServiceDefinition = {
  createCertificate: {
    path: CREATE_CERTIFICATE,
    requestStream: false,
    responseStream: false,
    requestSerialize: () => Buffer.alloc(0),
    requestDeserialize: readMessage,
    responseSerialize: encodeCertificateResponse,
    responseDeserialize: () => ({ certChain: [] }),
  },
};

/** Adds Istio's certificate service to a server whose connections are TLS. */
export function serveCertificates(server: Server, options: CertificateServiceOptions): void {
  server.addService(SERVICE, {
    createCertificate: (call: Call, answer: sendUnaryData<IstioCertificateResponse>) => {
      createCertificate(call, options).then((response) => answer(null, response), (error: unknown) => answer(asStatus(error)));
    },
  });
}

/** A status that the caller is answered with. */
class Refusal extends Error {
  constructor(readonly code: status, message: string) {
    super(message);
  }
}

async function createCertificate(call: Call, options: CertificateServiceOptions): Promise<IstioCertificateResponse> {
  const { metrics, log, authenticators } = options;
  const peer = call.getPeer();
  metrics.requests.inc();
  const found = await authenticate(authenticators, credentialsOf(call));
  if (!('caller' in found)) {
    metrics.authenticationFailures.inc();
    log('warn', { peer, reasons: found.reasons }, 'certificate refused: the caller is not known');
    throw new Refusal(status.UNAUTHENTICATED, UNKNOWN_CALLER);
  }
  const { identity, proof } = found.caller;
  const workload = `${identity.namespace}/${identity.serviceAccount}`;
  try {
    const response = await sign(call.request, found.caller.identity, options);
    log('info', { peer, workload, proof, serial: response.serialNumber, until: response.notAfter }, 'certificate signed');
    return { certChain: [...response.chain, response.roots.join('')] };
  } catch (error) {
    log('warn', { peer, workload, proof, reason: error instanceof Error ? error.message : String(error) }, 'certificate refused');
    throw error;
  }
}

async function sign(request: Request, identity: Parameters<CertificateAuthority['sign']>[1], { authority, metrics }: CertificateServiceOptions) {
  try {
    if ('fault' in request) throw new SigningRefused('CSR_ERROR', request.fault);
    refuseMore(request.metadata);
    const signed = await authority.sign(request.csr, identity, request.validityDuration);
    metrics.signed.inc();
    return signed;
  } catch (error) {
    metrics.refuse(error instanceof SigningRefused ? error : new SigningRefused('CERT_GEN_ERROR', ''));
    throw error;
  }
}

/** Node agents may ask for others' certificates in Istio if their account is named as trusted (CA_TRUSTED_NODE_ACCOUNTS); here none is. */
function refuseMore({ ImpersonatedIdentity: other, CertSigner: signer }: IstioCertificateRequest['metadata']): void {
  if (other) throw new SigningRefused('CSR_ERROR', `it asks for a certificate of ${JSON.stringify(other.slice(0, 300))} in its metadata: nobody may ask for others`);
  if (signer) throw new SigningRefused('CSR_ERROR', `it asks for the signer ${JSON.stringify(signer.slice(0, 300))}: this authority signs itself`);
}

function credentialsOf(call: Call): Credentials {
  const token = call.metadata.get('authorization').map(String).find((value) => value.startsWith(BEARER))?.slice(BEARER.length);
  const [cluster] = call.metadata.get('clusterid').map(String);
  const certificate = call.getAuthContext().sslPeerCertificate?.raw;
  return { ...(token ? { token } : {}), ...(cluster ? { cluster } : {}), ...(certificate ? { certificate } : {}) };
}

/** A message that cannot be read is answered like a request that cannot be read: gRPC itself would call it an error of ours. */
function readMessage(bytes: Buffer): Request {
  if (bytes.length > LONGEST_MESSAGE) return { fault: `it has ${bytes.length} bytes, at most ${LONGEST_MESSAGE} are read` };
  try {
    return decodeCertificateRequest(bytes);
  } catch {
    return { fault: 'it is no IstioCertificateRequest' };
  }
}

function asStatus(error: unknown): { readonly code: status; readonly details: string } {
  if (error instanceof Refusal) return { code: error.code, details: error.message };
  if (error instanceof SigningRefused) {
    const theirs = error.kind === 'CSR_ERROR' || error.kind === 'TTL_ERROR';
    return { code: theirs ? status.INVALID_ARGUMENT : status.INTERNAL, details: `CSR signing error (${error.message})` };
  }
  return { code: status.INTERNAL, details: 'the certificate could not be made' };
}
