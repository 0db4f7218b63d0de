import type { GatewaySpecServersTls } from '../imports/istio/gateway.types';
import { MeshError } from './mesh-error';

/** The lowest version of TLS that is accepted. */
export type TlsVersion = '1.0' | '1.1' | '1.2' | '1.3';

/** Options of {@link Tls}. */
export interface TlsOptions {
  /**
   * The lowest version that is accepted. Writes `tls.minProtocolVersion`.
   * @default Istio's, 1.2
   */
  readonly minVersion?: TlsVersion;
  /**
   * Ciphers for TLS 1.2 and lower. Writes `tls.cipherSuites`.
   * @default Envoy's
   */
  readonly cipherSuites?: readonly string[];
}

/**
 * How a gateway ends TLS. The certificate is a Secret in the gateway's namespace. Writes `servers[].tls`.
 *
 * @example
 * new Gateway(mesh, 'edge', { host: 'shop.example.com', tls: Tls.simple('shop-certificate'), redirectHttp: true });
 */
export class Tls {
  /**
   * The gateway shows a certificate: a Secret of type `kubernetes.io/tls`.
   * @throws {@link MeshError} `invalid-value` if the Secret has no name
   */
  public static simple(secret: string, options: TlsOptions = {}): Tls {
    return new Tls('SIMPLE', secret, options);
  }

  /**
   * The client must show one too, signed by the `ca.crt` in the Secret (or in the Secret `NAME-cacert`).
   * @throws {@link MeshError} `invalid-value` if the Secret has no name
   */
  public static mutual(secret: string, options: TlsOptions = {}): Tls {
    return new Tls('MUTUAL', secret, options);
  }

  /**
   * As {@link Tls.mutual}, but a client without a certificate is let in as well.
   * @throws {@link MeshError} `invalid-value` if the Secret has no name
   */
  public static optionalMutual(secret: string, options: TlsOptions = {}): Tls {
    return new Tls('OPTIONAL_MUTUAL', secret, options);
  }

  private constructor(
    private readonly mode: 'SIMPLE' | 'MUTUAL' | 'OPTIONAL_MUTUAL',
    private readonly secret: string,
    private readonly options: TlsOptions,
  ) {
    if (!secret) {
      throw new MeshError({ code: 'invalid-value', problem: 'TLS names no Secret', fix: 'give the name of a Secret in the gateway\'s namespace: Tls.simple(\'shop-certificate\')' });
    }
  }

  /** @internal */
  public render(): GatewaySpecServersTls {
    const { minVersion, cipherSuites } = this.options;
    return {
      mode: this.mode,
      credentialName: this.secret,
      ...(minVersion && { minProtocolVersion: `TLSV${minVersion.replace('.', '_')}` as GatewaySpecServersTls['minProtocolVersion'] }),
      ...(cipherSuites && { cipherSuites }),
    };
  }
}
