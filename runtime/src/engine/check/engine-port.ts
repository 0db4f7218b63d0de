import type { Problem } from '../../model/problem';

/**
 * What checks need of a running mesh. The engine implements it; the tests of the check language use a small mesh of their own behind it.
 * Pods are named `namespace/name` throughout.
 */
export interface EnginePort {
  /** All pods that are wanted now, ready or not. */
  pods(): readonly PodState[];
  /** Creates or replaces the objects of a manifest (one or several YAML documents). Problems are reported by `problems()`, not thrown. */
  apply(manifest: string): Promise<void>;
  /** Removes one object, as `kubectl delete` does. */
  remove(object: ObjectName): Promise<void>;
  /** Sets the replicas of a Deployment or StatefulSet. A pod that goes drains as in Kubernetes: SIGTERM, grace period, SIGKILL. */
  scale(deployment: { readonly namespace: string; readonly name: string }, replicas: number): Promise<void>;
  /** SIGKILLs a process: `istiod` (the control plane), or the application of a pod. Nothing starts it again until `restart` or `reset`. */
  kill(target: string): Promise<void>;
  /** Starts what `kill` ended, or ends it gently (SIGTERM) and starts it again. */
  restart(target: string): Promise<void>;
  /** Back to the manifests the mesh was started with, and everything that was killed runs again. */
  reset(): Promise<void>;
  /**
   * Resolves when the pods are as wanted (ready ones ready, removed ones gone) and every connected proxy has acknowledged the current
   * configuration. While the control plane is down there is nothing to wait for but the pods.
   */
  settled(): Promise<void>;
  /**
   * Sends `load.times` calls, `load.parallel` at a time, and gives the answers in the order in which they came. A call that fails is an
   * Answer with `error`, never an exception.
   */
  send(origin: Origin, call: Call, load: Load): Promise<Answer[]>;
  /** Every counter and gauge of a pod's Envoy, by its full name. */
  stats(pod: string): Promise<ReadonlyMap<string, number>>;
  /** All lines that a container (`istio-proxy`: the access log) has written to its standard output so far. */
  log(pod: string, container: string): Promise<readonly string[]>;
  /** Everything that is wrong with the applied objects at the moment. */
  problems(): readonly Problem[];
}

export interface ObjectName {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export interface PodState {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ready: boolean;
  /** Names of the containers, `istio-proxy` among them if the pod has a sidecar or is a gateway. */
  readonly containers: readonly string[];
}

/** Inside a pod's network (its application's place), or outside the mesh, from where only gateways can be reached. */
export type Origin =
  | { readonly pod: string }
  /** `gateway`: `namespace/name` of the gateway's Service; where it is left out, the one gateway that listens on the URL's port. */
  | { readonly outside: true; readonly gateway?: string };

export type Call = HttpCall | GrpcCall | WebSocketCall | TcpCall;

export interface HttpCall {
  readonly kind: 'http';
  /** From outside, scheme, host name and port choose the gateway's port and the Host header (and SNI), like `curl --resolve`. */
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Default `1.1`. `2` is HTTP/2 with prior knowledge for `http:`, by ALPN for `https:`. */
  readonly version: '1.0' | '1.1' | '2';
  /** How TLS is begun where the URL asks for it. */
  readonly tls?: TlsClient;
  /** The answer is an error `ETIMEDOUT` after that time. */
  readonly timeoutMs: number;
}

/** A call of a gRPC method whose request and answers are messages with a text as field 1, such as the echo server's `Say`. */
export interface GrpcCall {
  readonly kind: 'grpc';
  /** `http://HOST:PORT/package.Service/Method`, `https:` for TLS. */
  readonly url: string;
  /** Metadata. */
  readonly headers: Readonly<Record<string, string>>;
  readonly send: string;
  /** gRPC-Web is HTTP/1.1 with gRPC's messages in the body, trailers included: what browsers speak. */
  readonly web: boolean;
  readonly tls?: TlsClient;
  /** The deadline, which the callee is told of. */
  readonly timeoutMs: number;
}

/** Upgrades a connection, and converses over it as {@link Conversation} says. */
export interface WebSocketCall extends Conversation {
  readonly kind: 'websocket';
  /** `ws://` or `wss://`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls?: TlsClient;
}

/** Connects and converses. An answer ends with a line's end or with the connection. */
export interface TcpCall extends Conversation {
  readonly kind: 'tcp';
  readonly host: string;
  readonly port: number;
  /** Present: the conversation goes over TLS. */
  readonly tls?: TlsClient;
}

/** Sends one text after the other, each when the one before is answered. */
export interface Conversation {
  readonly send: readonly string[];
  /** The server speaks first: nothing is sent before it has. */
  readonly greeting: boolean;
  /** Before each text but the first: so a connection stays open for a while. */
  readonly pauseMs: number;
  readonly timeoutMs: number;
}

/** A client of TLS; certificates, keys and authorities are PEM. */
export interface TlsClient {
  /** Who must have issued the server's certificate; without it every certificate will do, as with `curl -k`. */
  readonly trust?: string;
  readonly certificate?: string;
  readonly key?: string;
  /** The name that the client asks for; empty: none. @default the host of the call */
  readonly sni?: string;
  /** This version and no other. */
  readonly version?: 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL's name; below TLS 1.3. */
  readonly cipher?: string;
}

/** What was agreed upon. */
export interface TlsSession {
  /** SHA-256 of the server's certificate, as `AB:CD:…`. */
  readonly certificate: string;
  readonly version: string;
  readonly cipher: string;
  readonly alpn?: string;
}

export interface Load {
  readonly times: number;
  /** Connections are kept alive, one for each of the parallel senders; TCP and WebSocket calls connect anew. */
  readonly parallel: number;
}

export interface Answer {
  /** Absent for TCP and gRPC, and where no answer came. */
  readonly status?: number;
  /** Of gRPC: `OK`, `UNAVAILABLE` … The message that goes with it is the header `grpc-message`. */
  readonly grpc?: string;
  /** Names in lower case; several values joined by `, `. `x-served-by` names the pod that answered. Of gRPC: metadata and trailers. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of conversations and gRPC: all messages, each a line. */
  readonly body: string;
  /** Node's error code where no answer came: `ECONNREFUSED`, `ECONNRESET`, `ETIMEDOUT`, `ENOTFOUND` … */
  readonly error?: string;
  readonly tls?: TlsSession;
  readonly durationMs: number;
}
