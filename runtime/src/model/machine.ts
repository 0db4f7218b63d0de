import type { Labels } from './workload';

/** A workload outside of Kubernetes that is connected, and whose proxy names the WorkloadGroup that it belongs to. */
export interface Machine {
  readonly group: string;
  /** Of its certificate. */
  readonly namespace: string;
  /** Of its certificate. */
  readonly serviceAccount: string;
  readonly address: string;
  /** What the proxy says itself. */
  readonly labels: Labels;
  readonly network?: string;
  /** Its agent makes a probe: until that succeeds, nobody is sent there. */
  readonly probed: boolean;
}

/** What an agent says of the workload beside it. */
export interface Health {
  readonly healthy: boolean;
  readonly message: string;
}
