import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { Server, status, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import {
  BasicConstraintsExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, PemConverter, Pkcs10CertificateRequest, SubjectAlternativeNameExtension, X509CertificateGenerator,
  type X509Certificate,
} from '@peculiar/x509';

import { RenewableCredentials } from '../../src/ca/server-credentials';
import {
  CREATE_CERTIFICATE, decodeCertificateRequest, encodeCertificateResponse, type IstioCertificateRequest, type IstioCertificateResponse,
} from '../../src/istio/certificate-service';

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

type Call = ServerUnaryCall<IstioCertificateRequest, IstioCertificateResponse>;
type Answer = sendUnaryData<IstioCertificateResponse>;

interface Wish {
  readonly subject: string;
  readonly publicKey: webcrypto.CryptoKey;
  readonly seconds: number;
  readonly isAuthority?: boolean;
  readonly hosts?: readonly string[];
}

interface Signer {
  readonly certificate: X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

/** An authority of the test's own, with an intermediate, that does what it is told: sign, refuse, be away, change its root. */
export class TestAuthority {
  /** Tokens that are taken. */
  public readonly tokens = new Set<string>();
  /** How callers proved who they are. */
  public readonly proofs: ('token' | 'certificate')[] = [];
  /** Roots that answers name. */
  public roots: X509Certificate[] = [];
  private newest!: Signer;
  private root: Signer | undefined;
  private intermediate!: Signer;
  private server: Server | undefined;
  private credentials: RenewableCredentials | undefined;
  private serial = 0;

  public static async create(): Promise<TestAuthority> {
    const authority = new TestAuthority();
    await authority.newRoot();
    return authority;
  }

  public get rootPem(): string {
    return this.roots.map((root) => `${root.toString('pem')}\n`).join('');
  }

  /** Makes a root and signs with it. */
  public async newRoot(): Promise<void> {
    await this.addRoot();
    await this.signWithNewest();
  }

  /** What it answers names a new root beside the others; it signs as before. */
  public async addRoot(): Promise<void> {
    const name = `O=test,CN=root ${++this.serial}`;
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name, keys, signingAlgorithm: EC, extensions: [new BasicConstraintsExtension(true, undefined, true)], ...life(3600), serialNumber: this.nextSerial(),
    });
    this.newest = { certificate, keys };
    this.roots = [...this.roots, certificate];
    if (this.root) this.credentials?.renew(await this.serverCertificate());
  }

  public async signWithNewest(): Promise<void> {
    this.root = this.newest;
    await this.newIntermediate();
    this.credentials?.renew(await this.serverCertificate());
  }

  public async newIntermediate(): Promise<void> {
    const keys = await newKeys();
    const certificate = await this.sign(this.root, { subject: `CN=intermediate ${++this.serial}`, publicKey: keys.publicKey, seconds: 3600, isAuthority: true });
    this.intermediate = { certificate, keys };
  }

  /** TLS as `istiod.istio-system.svc`; clients may show a certificate. */
  public async serverCredentials(): Promise<RenewableCredentials> {
    return new RenewableCredentials(await this.serverCertificate());
  }

  /** Answers at `unix:/path` or `HOST:PORT`. */
  public async listen(address: string): Promise<void> {
    this.credentials = await this.serverCredentials();
    this.server = new Server();
    this.server.addService({
      createCertificate: {
        path: CREATE_CERTIFICATE, requestStream: false, responseStream: false,
        requestSerialize: () => Buffer.alloc(0), requestDeserialize: decodeCertificateRequest,
        responseSerialize: encodeCertificateResponse, responseDeserialize: () => ({ certChain: [] }),
      },
    }, { createCertificate: (call: Call, answer: Answer) => void this.answer(call, answer) });
    const { credentials } = this;
    await new Promise<void>((resolve, reject) => {
      this.server?.bindAsync(address, credentials, (error) => (error ? reject(error) : resolve()));
    });
  }

  public close(): void {
    this.server?.forceShutdown();
    this.server = undefined;
  }

  private async serverCertificate() {
    const keys = await newKeys();
    const certificate = await this.sign(this.root, { subject: 'CN=istiod', publicKey: keys.publicKey, seconds: 3600, hosts: ['istiod.istio-system.svc'] });
    return { key: await pem(keys), chain: [`${certificate.toString('pem')}\n`], roots: [this.rootPem], serialNumber: certificate.serialNumber, notAfter: certificate.notAfter };
  }

  private async answer(call: Call, answer: Answer): Promise<void> {
    const token = String(call.metadata.get('authorization')[0] ?? '').replace('Bearer ', '');
    const peer = call.getAuthContext().sslPeerCertificate;
    if (this.tokens.has(token)) this.proofs.push('token');
    else if (peer?.subjectaltname) this.proofs.push('certificate');
    else return answer({ code: status.UNAUTHENTICATED, details: 'nobody knows that token' });
    const csr = new Pkcs10CertificateRequest(call.request.csr);
    const names = csr.extensions.find((extension): extension is SubjectAlternativeNameExtension => extension instanceof SubjectAlternativeNameExtension)?.names;
    const hosts = [names?.items[0]?.value ?? ''];
    const leaf = await this.sign(this.intermediate, { subject: '', publicKey: await csr.publicKey.export(), seconds: call.request.validityDuration, hosts });
    return answer(null, { certChain: [leaf.toString('pem'), this.intermediate.certificate.toString('pem'), this.rootPem] });
  }

  private sign(signer: Signer | undefined, { subject, publicKey, seconds, isAuthority = false, hosts = [] }: Wish): Promise<X509Certificate> {
    if (!signer) throw new Error('there is no root yet');
    return X509CertificateGenerator.create({
      subject, issuer: signer.certificate.subject, publicKey, signingKey: signer.keys.privateKey, signingAlgorithm: EC, ...life(seconds), serialNumber: this.nextSerial(),
      extensions: [
        new BasicConstraintsExtension(isAuthority, undefined, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
        ...(hosts.length > 0 ? [new SubjectAlternativeNameExtension(hosts.map((value) => ({ type: value.includes('://') ? 'url' as const : 'dns' as const, value })))] : []),
      ],
    });
  }

  private nextSerial(): string {
    return (0x1000 + ++this.serial).toString(16);
  }
}

function life(seconds: number) {
  return { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + seconds * 1_000) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

async function pem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
}
