import type { Duration } from 'cdk8s';

/**
 * Machines outside of Kubernetes, such as virtual machines, that run a version of a service. Written as a WorkloadGroup `SERVICE-VERSION`: a
 * machine whose proxy names it is sent requests while that proxy is connected. `mesh machine SERVICE-VERSION --ca FOLDER` (with Istio
 * `istioctl x workload entry configure`) makes what a machine is started with.
 *
 * @example
 * new MeshService(mesh, 'ledger', { port: 8080, versions: { v1: { machines: { locality: 'eu/west', probe: { path: '/healthz' } } } } });
 */
export interface Machines {
  /**
   * Ports of the machines by the names of the service's ports, where they are others: `{ http: 8081 }`. Writes `template.ports`.
   * @default the `targetPort`s of the service
   */
  readonly ports?: Readonly<Record<string, number>>;
  /**
   * Where they stand, `region/zone/sub-zone`, unless a machine says otherwise. Writes `template.locality`.
   * @default not known
   */
  readonly locality?: string;
  /**
   * The name of their network, as label `topology.istio.io/network` of the endpoints. Writes `template.network`.
   * @default none
   */
  readonly network?: string;
  /**
   * The share of each, as against 1 of a pod. Writes `template.weight`.
   * @default 1
   */
  readonly weight?: number;
  /**
   * Further labels. Writes `metadata.labels`.
   * @default none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * What the agent on the machine asks the workload: until it succeeds, and while it fails, nobody is sent there. Writes `probe`.
   * @default none: the workload is well while the proxy is connected
   */
  readonly probe?: MachineProbe;
}

/** How the agent of a machine finds out whether the workload beside it is well. Without `path` or `command` a connection, or a gRPC health check, must succeed. */
export interface MachineProbe {
  /**
   * The path of an HTTP request that must be answered with 200 to 399. Writes `httpGet`.
   * @default none
   */
  readonly path?: string;
  /**
   * A program on the machine that must end well. Writes `exec`.
   * @default none
   */
  readonly command?: readonly string[];
  /**
   * The port that is asked; of protocol gRPC it is asked by `grpc.health.v1.Health`. Writes `port`.
   * @default that of the first port of the service
   */
  readonly port?: number;
  /**
   * Time before the first probe, whole seconds. Writes `initialDelaySeconds`.
   * @default none
   */
  readonly delay?: Duration;
  /**
   * Time between two probes, whole seconds. Writes `periodSeconds`.
   * @default Duration.seconds(10)
   */
  readonly interval?: Duration;
  /**
   * Time for an answer, whole seconds. Writes `timeoutSeconds`.
   * @default Duration.seconds(1)
   */
  readonly timeout?: Duration;
  /**
   * Failures in a row after which it is not well. Writes `failureThreshold`.
   * @default 1
   */
  readonly unhealthyAfter?: number;
  /**
   * Successes in a row after which it is well again. Writes `successThreshold`.
   * @default 1
   */
  readonly healthyAfter?: number;
}
