/** What is spoken on a port, in Istio's words for port names and `appProtocol`. */
export type Protocol = 'http' | 'http2' | 'grpc' | 'https' | 'tls' | 'tcp' | 'mongo' | 'mysql' | 'redis';

/** Options of a {@link Port}. */
export interface PortOptions {
  /**
   * The name after the protocol: `http-NAME`.
   * @default none: the first port of a protocol is called `http`, further ones `http-8081`
   */
  readonly name?: string;
  /**
   * The port that the application listens on.
   * @default the same number
   */
  readonly targetPort?: number;
}

/**
 * A port and what is spoken on it. Writes the name of the port and its `appProtocol`, so that nobody has to guess the protocol.
 *
 * @example
 * new MeshService(mesh, 'ratings-db', { port: Port.mongo(27017), versions: { v1: { image: 'example/mongodb:1' } } });
 */
export class Port {
  /** HTTP/1.1; what a plain number means. */
  public static http(number: number, options: PortOptions = {}): Port {
    return new Port('http', number, options);
  }

  /** HTTP/2 without TLS. */
  public static http2(number: number, options: PortOptions = {}): Port {
    return new Port('http2', number, options);
  }

  /** gRPC, routed like HTTP. */
  public static grpc(number: number, options: PortOptions = {}): Port {
    return new Port('grpc', number, options);
  }

  /** HTTPS that the application itself ends: the mesh sees TLS, no requests. */
  public static https(number: number, options: PortOptions = {}): Port {
    return new Port('https', number, options);
  }

  /** TLS that the application itself ends. */
  public static tls(number: number, options: PortOptions = {}): Port {
    return new Port('tls', number, options);
  }

  /** Any TCP. */
  public static tcp(number: number, options: PortOptions = {}): Port {
    return new Port('tcp', number, options);
  }

  /** MongoDB, routed like TCP. */
  public static mongo(number: number, options: PortOptions = {}): Port {
    return new Port('mongo', number, options);
  }

  /** MySQL, routed like TCP. */
  public static mysql(number: number, options: PortOptions = {}): Port {
    return new Port('mysql', number, options);
  }

  /** Redis, routed like TCP. */
  public static redis(number: number, options: PortOptions = {}): Port {
    return new Port('redis', number, options);
  }

  /** The port that the application listens on. */
  public readonly targetPort: number;

  private constructor(
    /** What is spoken on it. */
    public readonly protocol: Protocol,
    /** The port that clients use. */
    public readonly number: number,
    /** @internal */
    public readonly options: PortOptions,
  ) {
    this.targetPort = options.targetPort ?? number;
  }
}
