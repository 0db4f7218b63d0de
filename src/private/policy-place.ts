import type { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { IMeshService } from '../mesh-member';
import type { PodPorts } from './pod-ports';
import type { Selection } from './selection';

/** A gateway of either kind, as policies see it. */
export interface GuardedGateway extends IConstruct {
  readonly name: string;
  readonly namespace: string;
  readonly podPorts: PodPorts;
  policyPlace(asker: IConstruct): { readonly namespace: string; readonly selection: Selection };
}

/** Where a policy stands, and what is known of those whom it is for. */
export interface PolicyPlace {
  readonly kind: 'service' | 'gateway' | 'namespace' | 'mesh';
  /** For people. */
  readonly name: string;
  readonly selection: Selection;
  /** Calls back for each namespace that the policy is written in, those to come included. */
  readonly eachNamespace: (write: (namespace: string) => ApiObject) => void;
  /** The ports of the pods; asked for at synth. */
  readonly ports: () => PodPorts;
  /** Whether it is for the pods of this one. */
  readonly covers: (subject: Subject) => boolean;
  readonly service?: IMeshService;
  readonly gateway?: GuardedGateway;
}

/** Whose pods a policy can be for. */
export type Subject = IMeshService | GuardedGateway;
