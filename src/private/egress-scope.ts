import type { Construct } from 'constructs';
import { Sidecar } from '../../imports/istio/sidecar';
import type { SidecarSpec } from '../../imports/istio/sidecar.types';
import type { ICallable, IMeshService } from '../mesh-member';
import type { Outbound } from '../outbound';
import { AppRegistry } from './app-registry';
import { checkReference } from './callers';
import { rulesOf } from './host-rules';
import { lateSpec } from './late-spec';
import { defined } from './merge';

interface EgressScopeProps {
  readonly name: string;
  readonly namespace: string;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly controlPlaneNamespace: string;
  readonly outbound?: Outbound;
}

/** What a service declares to call, as the Sidecar that limits its proxies to that. Nothing is written until something is declared. */
export class EgressScope {
  private readonly callees: ICallable[] = [];
  private declared = false;

  constructor(private readonly service: Construct & IMeshService, private readonly props: EgressScopeProps) {}

  /** Declares calls; an empty list says that nobody is called. */
  add(callees: readonly ICallable[]): void {
    callees.forEach((callee, index) => checkReference(callee, `calls[${index}]`, this.service));
    this.callees.push(...callees);
    AppRegistry.of(this.service).calls.push(...callees.map((callee) => ({ caller: this.service, callee })));
    AppRegistry.of(this.service).changes += 1;
    if (!this.declared) {
      this.declared = true;
      const { name, namespace } = this.props;
      this.claimPods();
      new Sidecar(this.service, 'sidecar', { metadata: { name, namespace }, spec: lateSpec(this.service, () => this.render()) });
    }
  }

  /** Istio takes any one of two Sidecars for the same pods (IST0110). */
  private claimPods(): void {
    const { namespace, podLabels } = this.props;
    const labels = Object.entries(podLabels).map(([label, value]) => `${label}=${value}`).sort().join(', ');
    AppRegistry.of(this.service).claim(`calls of ${namespace} ${labels}`, this.service, {
      code: 'conflicting-policy',
      problem: `the calls of the pods with ${labels} are already declared`,
      fix: 'declare all calls of these pods at one of the two services',
    });
  }

  private render(): SidecarSpec {
    const { podLabels, outbound, controlPlaneNamespace } = this.props;
    const authorizers = AppRegistry.of(this.service).questions.filter(({ place }) => place.covers(this.service)).map(({ authorizer }) => authorizer);
    const hosts = [...this.callees, ...authorizers].flatMap((callee) => rulesOf(callee).flatMap((rules) => rules.egressHosts()));
    return defined({
      workloadSelector: { labels: podLabels },
      egress: [{ hosts: [...new Set([`${controlPlaneNamespace}/*`, ...hosts])] }],
      outboundTrafficPolicy: outbound && { mode: outbound },
    });
  }
}
