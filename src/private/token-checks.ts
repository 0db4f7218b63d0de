import type { ApiObject } from 'cdk8s';
import type { AuthorizationPolicySpec } from '../../imports/istio/authorization-policy.types';
import type { GatewaySpec } from '../../imports/istio/gateway.types';
import type { RequestAuthenticationSpec } from '../../imports/istio/request-authentication.types';
import type { VirtualServiceSpec } from '../../imports/istio/virtual-service.types';
import type { AppRegistry } from './app-registry';
import { namespaceOf, type Print } from './printed-object';

const CLAIM = '@request.auth.claims';

interface Protected {
  readonly namespace: string;
  readonly spec: Pick<RequestAuthenticationSpec, 'selector' | 'targetRefs' | 'targetRef'>;
}

/** Whether somebody looks at the tokens that policies and routes ask for: without that, no request has a user and no claim is there. */
export class TokenChecks {
  private readonly authentications: readonly Protected[];

  constructor(objects: readonly ApiObject[], private readonly print: Print, private readonly known: { readonly registry: AppRegistry; readonly roots: readonly string[] }) {
    this.authentications = objects.filter(({ kind }) => kind === 'RequestAuthentication')
      .map((object) => ({ namespace: namespaceOf(object), spec: (print(object).spec ?? {}) as RequestAuthenticationSpec }));
  }

  /** What is wrong with an AuthorizationPolicy. */
  policy(object: ApiObject, spec: AuthorizationPolicySpec): string[] {
    const asked = (spec.rules ?? []).flatMap(({ from = [], when = [] }) => [
      ...from.flatMap(({ source }) => Object.keys(source ?? {}).filter((field) => /requestPrincipals$/i.test(field))),
      ...when.map(({ key }) => key).filter((key) => key?.startsWith('request.auth.')),
    ])[0];
    return asked === undefined || this.looked({ namespace: namespaceOf(object), spec }) ? [] : [
      `AuthorizationPolicy ${object.name}: asks for ${asked}, and nothing looks at tokens there; add a JwtAuthentication for the same pods, or JwtAuthentication.fromName for one of another repository`,
    ];
  }

  /** What is wrong with the routes of a VirtualService: claims are known at gateways only. */
  routes(object: ApiObject, { gateways = [], http = [] }: VirtualServiceSpec, objects: readonly ApiObject[]): string[] {
    const names = http.flatMap(({ match = [] }) => match).flatMap(({ headers, withoutHeaders }) => Object.keys({ ...headers, ...withoutHeaders }));
    const claim = names.find((name) => name.startsWith(CLAIM));
    if (claim === undefined) {
      return [];
    }
    if (gateways.length === 0 || gateways.includes('mesh')) {
      return [`VirtualService ${object.name}: asks for ${claim} of calls in the mesh, and Istio routes by claims at gateways only; match a header that the gateway makes of it (\`outputClaims\`)`];
    }
    const blind = gateways.map((name) => (name.includes('/') ? name : `${namespaceOf(object)}/${name}`)).find((name) => {
      const gateway = objects.find((one) => one.kind === 'Gateway' && one.apiVersion.startsWith('networking.istio.io/') && `${namespaceOf(one)}/${one.name}` === name);
      return gateway !== undefined && !this.lookedAtGateway(this.print(gateway).spec as GatewaySpec);
    });
    return blind === undefined ? [] : [
      `VirtualService ${object.name}: asks for ${claim}, and nothing looks at tokens at gateway ${blind}; add a JwtAuthentication for it, or JwtAuthentication.fromName for one of another repository`,
    ];
  }

  /** Which namespace the gateway's pods are in, its selector does not say. */
  private lookedAtGateway({ selector: matchLabels = {} }: GatewaySpec): boolean {
    return this.elsewhere(this.authentications.map(({ namespace }) => namespace)) || this.authentications.some(({ spec }) => meets(spec, { selector: { matchLabels } }));
  }

  private looked(wanted: Protected): boolean {
    const { roots } = this.known;
    return this.elsewhere([wanted.namespace]) || this.authentications.some(({ namespace, spec }) =>
      (namespace === wanted.namespace || roots.includes(namespace) || roots.includes(wanted.namespace)) && meets(spec, wanted.spec));
  }

  private elsewhere(namespaces: readonly string[]): boolean {
    return [...namespaces, ...this.known.roots].some((namespace) => this.known.registry.holder(`tokens elsewhere in ${namespace}`) !== undefined);
  }
}

/** Whether two objects can be for the same pods. */
function meets(first: Protected['spec'], second: Protected['spec']): boolean {
  const refs = (spec: Protected['spec']) => [...spec.targetRefs ?? [], ...(spec.targetRef ? [spec.targetRef] : [])];
  if (refs(first).length > 0 || refs(second).length > 0) {
    const open = (spec: Protected['spec']) => refs(spec).length === 0 && spec.selector === undefined;
    return open(first) || open(second) || refs(first).some((one) => refs(second).some((other) => one.kind === other.kind && one.name === other.name));
  }
  const labels = second.selector?.matchLabels ?? {};
  return Object.entries(first.selector?.matchLabels ?? {}).every(([name, value]) => (labels[name] ?? value) === value);
}
