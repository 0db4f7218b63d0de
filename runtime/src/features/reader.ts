import type { AuthorizationPolicySpec } from '../../../imports/istio/authorization-policy.types';
import type { DestinationRuleSpecTrafficPolicy } from '../../../imports/istio/destination-rule.types';
import type { GatewaySpecServersTls } from '../../../imports/istio/gateway.types';
import type { MeshConfigSpec } from '../../../imports/istio/mesh-config.types';
import type { PeerAuthenticationSpec } from '../../../imports/istio/peer-authentication.types';
import type { RequestAuthenticationSpec } from '../../../imports/istio/request-authentication.types';
import type { VirtualServiceSpecHttp, VirtualServiceSpecHttpRoute } from '../../../imports/istio/virtual-service.types';
import type { Attachment, Attachments } from '../model/attachment';
import type { Place } from '../model/place';
import type { Metadata } from '../model/resource';
import type { Destination } from '../model/route';
import type { PolicyKind } from '../model/workload-policy';

/** The fields that policies of a host, a subset and a port have in common. */
export type PolicyFields = Omit<DestinationRuleSpecTrafficPolicy, 'portLevelSettings'>;

/** What MeshConfig says of routes and of every destination. */
export interface MeshFields {
  readonly extensionProviders?: MeshConfigSpec['extensionProviders'];
  readonly defaultHttpRetryPolicy?: VirtualServiceSpecHttp['retries'];
  readonly tcpKeepalive?: NonNullable<NonNullable<PolicyFields['connectionPool']>['tcp']>['tcpKeepalive'];
  readonly h2UpgradePolicy?: string;
  readonly enableAutoMtls?: boolean;
  readonly meshMTLS?: MeshConfigSpec['meshMTLS'];
  readonly tlsDefaults?: MeshConfigSpec['tlsDefaults'];
  readonly localityLbSetting?: NonNullable<PolicyFields['loadBalancer']>['localityLbSetting'];
  readonly zoneAwareLbSetting?: NonNullable<PolicyFields['loadBalancer']>['zoneAwareLbSetting'];
}

/** What policies of workloads say, by their kind. */
export interface PolicySpecs {
  readonly PeerAuthentication: PeerAuthenticationSpec;
  readonly RequestAuthentication: RequestAuthenticationSpec;
  readonly AuthorizationPolicy: AuthorizationPolicySpec;
}

export type PolicyReaders = { readonly [K in PolicyKind]?: (spec: PolicySpecs[K], place: Place, metadata: Metadata) => readonly Attachment[] };

/** How a room reads its fields of Istio objects. What it cannot read it reports at `place` and leaves out. */
export interface Reader {
  /** Fields of one rule of `http`. Short host names are completed with `namespace`. */
  rule?(spec: VirtualServiceSpecHttp, place: Place, namespace: string): readonly Attachment[];
  /** Whether requests of a rule with these are answered instead of forwarded. */
  answers?(rule: Attachments): boolean;
  /** Further destinations that a rule sends something to. */
  destinations?(spec: VirtualServiceSpecHttp, namespace: string): readonly Destination[];
  /** Fields of one destination of such a rule. */
  destination?(spec: VirtualServiceSpecHttpRoute, place: Place): readonly Attachment[];
  /** Annotations of a Service or a ServiceEntry. */
  service?(annotations: Readonly<Record<string, string>>, place: Place): readonly Attachment[];
  /** Fields of a traffic policy. */
  policy?(spec: PolicyFields, place: Place): readonly Attachment[];
  /** Fields of MeshConfig: what routes do and how destinations are treated that do not say it themselves. */
  mesh?(config: MeshFields, place: Place): readonly Attachment[];
  /** Fields of the `tls` of a server that terminates TLS. */
  serverTls?(spec: GatewaySpecServersTls, place: Place): readonly Attachment[];
  /** What some workloads let in; `place` is the `spec`. Whom it is for, its selector and its targets, is read already. */
  readonly policies?: PolicyReaders;
}
