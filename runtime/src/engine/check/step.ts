import type { Call, ObjectName } from './engine-port';
import type { CredentialWishes, SecretWish, TlsWish } from './credentials';
import type { Expectation } from './expectation';
import type { WorkloadName } from './workload';

/** A checks file, read: every name and number in it has been understood. */
export interface CheckFile {
  readonly outside: readonly string[];
  readonly credentials: CredentialWishes;
  readonly checks: readonly Check[];
}

export interface Check {
  readonly name: string;
  readonly proves: readonly string[];
  readonly skip?: string;
  readonly steps: readonly Step[];
}

export type Step = CallStep | Action;

export interface CallStep {
  readonly kind: 'call';
  readonly from: WorkloadName | 'outside';
  readonly gateway?: WorkloadName;
  readonly call: Call;
  readonly tls?: TlsWish;
  readonly times: number;
  readonly parallel: number;
  readonly during: readonly Action[];
  /** How long the call is repeated until everything is as expected. */
  readonly withinMs?: number;
  readonly expect: readonly Expectation[];
}

export type Action =
  | { readonly kind: 'apply'; readonly manifest: string; readonly text: string }
  | { readonly kind: 'remove'; readonly object: Named<ObjectName>; readonly text: string }
  | { readonly kind: 'scale'; readonly deployments: readonly { readonly name: string; readonly namespace?: string; readonly replicas: number }[]; readonly text: string }
  | { readonly kind: 'kill' | 'restart'; readonly target: WorkloadName | 'istiod'; readonly text: string }
  | { readonly kind: 'secrets'; readonly secrets: readonly SecretWish[]; readonly text: string }
  | { readonly kind: 'wait'; readonly ms: number; readonly text: string };

/** A name whose namespace the mesh fills in if the file does not say. */
export type Named<T extends { namespace: string }> = Omit<T, 'namespace'> & { readonly namespace?: string };

/** `1000 × GET http://reviews:9080/reviews/0 from productpage` */
export function describeStep(step: Step): string {
  if (step.kind !== 'call') return `${step.kind} ${step.text}`;
  const { call, tls, from, times } = step;
  return `${times > 1 ? `${times} × ` : ''}${describeCall(call, tls !== undefined)} from ${from === 'outside' ? from : from.text}`;
}

function describeCall(call: Call, secure: boolean): string {
  switch (call.kind) {
    case 'http':
      return `${call.method} ${call.url}`;
    case 'grpc':
      return `${call.web ? 'gRPC-Web' : 'gRPC'} ${call.url}`;
    case 'websocket':
      return `WebSocket ${call.url}`;
    case 'tcp':
      return `${secure ? 'TLS' : 'TCP'} ${call.host}:${call.port}`;
  }
}
