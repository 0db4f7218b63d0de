import { ApiObject, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { createClusterObject } from './private/cluster-object';
import { MeshSettings } from './private/mesh-settings';
import { RUNTIME_IMAGE } from './sidecar';

const NAME = 'istiod';
const LABELS = { app: NAME, istio: 'pilot' };
/** Where the bundled control plane looks for MeshConfig, wherever it stands. */
const SETTINGS_NAMESPACE = 'istio-system';
const READ = ['get', 'list', 'watch'];

/** What the bundled control plane needs. */
export interface ControlPlaneProps {
  /** Its namespace. */
  readonly namespace: string;
  /**
   * Its image.
   * @default the image of this release
   */
  readonly image?: string;
  /**
   * When a node pulls the image.
   * @default Kubernetes' own rule
   */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
}

/** The bundled control plane: one Deployment called `istiod`, its Service, identity, rights and settings. A Mesh creates it once per App. */
export class ControlPlane extends Construct {
  public constructor(scope: Construct, id: string, private readonly props: ControlPlaneProps) {
    super(scope, id);
    const { namespace } = props;
    const metadata = { name: NAME, namespace, labels: LABELS };
    createClusterObject(this, 'namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    new ApiObject(this, 'service-account', { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
    this.addRights(metadata);
    new ApiObject(this, 'config', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'istio', namespace, labels: LABELS },
      data: { mesh: Lazy.any({ produce: () => MeshSettings.of(this).meshConfig(namespace) }) },
    });
    this.node.addValidation({ validate: () => this.unreadSettings() });
    new ApiObject(this, 'deployment', { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: this.deploymentSpec() });
    new ApiObject(this, 'service', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        selector: LABELS,
        ports: [
          { name: 'grpc-xds', port: 15010, appProtocol: 'grpc' },
          { name: 'https-dns', port: 15012, appProtocol: 'https' },
          { name: 'https-webhook', port: 443, targetPort: 15017, appProtocol: 'https' },
          { name: 'http-monitoring', port: 15014, appProtocol: 'http' },
        ],
      },
    });
  }

  /** What it may do in the whole cluster, and what in its own namespace only. */
  private addRights(metadata: { readonly name: string; readonly namespace: string }) {
    const { namespace } = metadata;
    const clusterMetadata = { name: `${NAME}-${namespace}`, labels: LABELS };
    createClusterObject(this, 'cluster-role', {
      apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: clusterMetadata, rules: RULES,
    });
    createClusterObject(this, 'cluster-role-binding', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: clusterMetadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterMetadata.name },
      subjects: [{ kind: 'ServiceAccount', name: NAME, namespace }],
    });
    new ApiObject(this, 'role', { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules: OWN_RULES });
    new ApiObject(this, 'role-binding', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: NAME },
      subjects: [{ kind: 'ServiceAccount', name: NAME, namespace }],
    });
  }

  /** Settings that would hold nowhere are refused: identities would have another name than policies say, and authorizers would be unknown. */
  private unreadSettings(): string[] {
    const { namespace } = this.props;
    const unread = namespace === SETTINGS_NAMESPACE ? [] : MeshSettings.of(this).ownSettings();
    return unread.length === 0 ? [] : [
      `${unread.join(' and ')} would have no effect: the bundled runtime reads MeshConfig in ${SETTINGS_NAMESPACE}, but the control plane is in ${namespace}: leave \`controlPlaneNamespace\` out, or use MeshRuntime.istio()`,
    ];
  }

  private deploymentSpec() {
    const { namespace, image, imagePullPolicy } = this.props;
    return {
      replicas: 1,
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: { ...LABELS, 'sidecar.istio.io/inject': 'false' } },
        spec: {
          serviceAccountName: NAME,
          securityContext: { runAsNonRoot: true, runAsUser: 1337, runAsGroup: 1337 },
          containers: [{
            name: 'discovery',
            image: image ?? RUNTIME_IMAGE,
            ...(imagePullPolicy && { imagePullPolicy }),
            args: ['control', '--secure', '0.0.0.0:15012'],
            env: [
              { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
              { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
              { name: 'ROOT_NAMESPACE', value: namespace },
            ],
            ports: [
              { name: 'grpc-xds', containerPort: 15010 },
              { name: 'https-dns', containerPort: 15012 },
              { name: 'https-webhook', containerPort: 15017 },
              { name: 'http-monitoring', containerPort: 15014 },
            ],
            resources: { requests: { cpu: '500m', memory: '512Mi' } },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
          }],
        },
      },
    };
  }
}

/** It reads what it serves, asks whose tokens it is shown, tells every namespace the roots of the mesh, and nothing else. */
const RULES = [
  { apiGroups: [''], resources: ['configmaps', 'endpoints', 'namespaces', 'nodes', 'pods', 'secrets', 'services', 'serviceaccounts'], verbs: READ },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: READ },
  { apiGroups: ['networking.istio.io', 'security.istio.io', 'telemetry.istio.io', 'extensions.istio.io'], resources: ['*'], verbs: READ },
  { apiGroups: ['gateway.networking.k8s.io'], resources: ['*'], verbs: READ },
  { apiGroups: ['admissionregistration.k8s.io'], resources: ['validatingadmissionpolicies'], verbs: READ },
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  { apiGroups: [''], resources: ['configmaps'], verbs: ['create'] },
  { apiGroups: [''], resources: ['configmaps'], resourceNames: ['istio-ca-root-cert'], verbs: ['update'] },
];

/** In its own namespace it keeps the key of the mesh's authority. What is to be made has no name yet that a rule could tell. */
const OWN_RULES = [
  { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
  { apiGroups: [''], resources: ['secrets'], resourceNames: ['istio-ca-secret'], verbs: ['update'] },
];
