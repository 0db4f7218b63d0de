import { Field, MapField, OneOf, Root, Type } from 'protobufjs/light';

/** The one call of the service: https://github.com/istio/api/blob/master/security/v1alpha1/ca.proto */
export const CREATE_CERTIFICATE = '/istio.v1.auth.IstioCertificateService/CreateCertificate';

export interface IstioCertificateRequest {
  /** PEM. */
  readonly csr: string;
  /** Seconds; 0: as the authority thinks right. */
  readonly validityDuration: number;
  /** Members of the Struct that are strings: Istio knows no others (`WorkloadName`, `ImpersonatedIdentity`, `CertSigner` …). */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface IstioCertificateResponse {
  /** PEM: the leaf, the intermediates one by one, at last the roots together. */
  readonly certChain: readonly string[];
}

/** A `google.protobuf.Value` of which strings are kept: other kinds are unknown fields, which decoding skips. */
const value = new Type('Value').add(new OneOf('kind', ['stringValue'])).add(new Field('stringValue', 3, 'string'));
const struct = new Type('Struct').add(new MapField('fields', 1, 'string', 'Value'));
const request = new Type('IstioCertificateRequest')
  .add(new Field('csr', 1, 'string'))
  .add(new Field('validityDuration', 3, 'int64'))
  .add(new Field('metadata', 4, 'Struct'));
const response = new Type('IstioCertificateResponse').add(new Field('certChain', 1, 'string', 'repeated'));
new Root().add(value).add(struct).add(request).add(response);

interface PlainRequest {
  readonly csr?: string;
  readonly validityDuration?: number;
  readonly metadata?: { readonly fields?: Readonly<Record<string, { readonly stringValue?: string }>> };
}

export function encodeCertificateRequest({ csr, validityDuration, metadata }: IstioCertificateRequest): Buffer {
  const fields = Object.fromEntries(Object.entries(metadata).map(([name, stringValue]) => [name, { stringValue }]));
  return finish(request, { csr, validityDuration, metadata: { fields } });
}

/** Throws for bytes that are no such message. */
export function decodeCertificateRequest(bytes: Uint8Array): IstioCertificateRequest {
  const { csr = '', validityDuration = 0, metadata } = request.toObject(request.decode(bytes), { longs: Number }) as PlainRequest;
  const strings = Object.entries(metadata?.fields ?? {}).flatMap(([name, { stringValue }]) => (stringValue === undefined ? [] : [[name, stringValue] as const]));
  return { csr, validityDuration, metadata: Object.fromEntries(strings) };
}

export function encodeCertificateResponse({ certChain }: IstioCertificateResponse): Buffer {
  return finish(response, { certChain: [...certChain] });
}

/** Throws for bytes that are no such message. */
export function decodeCertificateResponse(bytes: Uint8Array): IstioCertificateResponse {
  return response.toObject(response.decode(bytes), { arrays: true }) as IstioCertificateResponse;
}

function finish(type: Type, message: Record<string, unknown>): Buffer {
  return Buffer.from(type.encode(message).finish());
}
