import type { IConstruct } from 'constructs';
import { MeshError, type MeshErrorCode } from '../mesh-error';
import type { AccessCaller, AccessRule } from '../access-rule';
import type { ICallable, IGateway, IMeshService } from '../mesh-member';
import type { GuardedGateway, PolicyPlace } from './policy-place';

const REGISTRY = Symbol('registry');
interface Registered extends IConstruct {
  [REGISTRY]?: AppRegistry;
}

/** What may exist once per App: names, hosts, namespaces, the control plane. */
export class AppRegistry {
  /** The registry of the App (or of the tree, in tests without one) that a construct belongs to. */
  static of(construct: IConstruct): AppRegistry {
    const root: Registered = construct.node.root;
    root[REGISTRY] ??= new AppRegistry();
    return root[REGISTRY];
  }

  /** Grows whenever a construct adds to what is printed at synth. */
  changes = 0;
  /** The full host of every service, and who answers for it. */
  readonly meshHosts = new Map<string, IConstruct>();
  /** The services by their bare names, which say nothing about the namespace. */
  readonly meshNames = new Map<string, IConstruct>();
  /** Hosts outside the mesh, and who declares them. */
  readonly externalHosts = new Map<string, IConstruct>();
  /** Those of them with a star. */
  readonly wildcards: string[] = [];
  /** Istio's root namespaces, one in all but odd cases. */
  readonly rootNamespaces: string[] = [];
  /** Every service, those of other repositories too. */
  readonly services = new Set<IMeshService>();
  /** Services that decide about calls, and for whom. */
  readonly questions: { readonly authorizer: ICallable; readonly place: PolicyPlace }[] = [];
  /** Who calls whom, as far as it is declared: by `calls`, `callers`, and the routes of gateways. */
  readonly calls: { readonly caller: AccessCaller; readonly callee: ICallable }[] = [];
  readonly gateways = new Set<IGateway>();
  readonly egressGateways = new Set<GuardedGateway>();
  /** Calls that policies let in besides those that are declared. */
  readonly allowances: { readonly place: PolicyPlace; readonly rules: readonly AccessRule[] }[] = [];
  private readonly claims = new Map<string, IConstruct>();

  /** Whether this is the first claim of a thing that is made once. */
  first(thing: string, construct: IConstruct): boolean {
    if (this.claims.has(thing)) {
      return false;
    }
    this.claims.set(thing, construct);
    return true;
  }

  /** Who claimed a thing. */
  holder(thing: string): IConstruct | undefined {
    return this.claims.get(thing);
  }

  /** Claims a thing that only one construct may have. */
  claim(thing: string, construct: IConstruct, error: { readonly code: MeshErrorCode; readonly problem: string; readonly fix: string }): void {
    const other = this.holder(thing);
    if (other !== undefined && other !== construct) {
      throw new MeshError({ ...error, construct, problem: `${error.problem} by ${other.node.path}` });
    }
    this.claims.set(thing, construct);
  }
}
