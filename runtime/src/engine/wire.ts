import type { StandIn } from '../local/stand-ins';
import type { Problem } from '../model/problem';
import type { Call, Load, ObjectName, Origin, PodState } from './check/engine-port';

/** Methods that the engine inside the namespaces handles, and their arguments. */
export interface EngineMethods {
  'engine/start': StartOptions;
  'engine/load': { readonly paths: readonly string[]; readonly follow: boolean; readonly manifest?: string };
  'engine/apply': string;
  'engine/remove': ObjectName;
  'engine/scale': { readonly deployment: { readonly namespace: string; readonly name: string }; readonly replicas: number };
  'engine/kill': string;
  'engine/restart': string;
  'engine/reset': undefined;
  /** Milliseconds, where the default is too long. */
  'engine/settled': number | undefined;
  'engine/send': { readonly origin: Origin; readonly call: Call; readonly load: Load };
  'engine/stats': string;
  'engine/log': { readonly pod: string; readonly container: string };
  'engine/status': undefined;
  'engine/exec': { readonly pod: string; readonly argv: readonly string[] };
}

/** Notice of the engine to the host process: its state, whenever it has changed. */
export const STATE = 'engine/state';
/** Notice of the engine to the host process: a line that some part of it wrote. */
export const LINE = 'engine/line';

export interface StartOptions {
  /** What the mesh is called where several run. */
  readonly name: string;
  readonly envoy: string;
  readonly inject: boolean;
  /** Tell every line that processes write. */
  readonly verbose: boolean;
  readonly offline?: readonly StandIn[];
  /** Folder with an authority to sign with, as Istio's `cacerts`. */
  readonly cacerts?: string;
}

/** A problem, and where its object was written: `dist/shop.k8s.yaml:17`. */
export interface LocatedProblem extends Problem {
  readonly at?: string;
}

export interface EngineState {
  readonly pods: readonly PodState[];
  readonly problems: readonly LocatedProblem[];
  /** Unix sockets that lead to the gateways' ports, by `namespace/name:port`. */
  readonly exposed: readonly (readonly [name: string, socket: string])[];
}
