import { Lazy, type ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { DeployedVersion } from '../service-version';
import type { SidecarPodTemplate, SidecarWorkload } from '../sidecar';
import { checkWhole } from './number-range';
import { defined } from './merge';
import { MeshObject } from './plain-print';
import type { NamedPort } from './ports';

/** What `mesh up` reads the command of a container from. */
export function localAnnotation(container: string, local: string | readonly string[] | undefined): Readonly<Record<string, string>> {
  return local === undefined
    ? {}
    : { [`local.cdk8s-istio.dev/${container}`]: typeof local === 'string' ? local : JSON.stringify(local) };
}

interface DeploymentProps {
  readonly service: string;
  readonly serviceAccount: string;
  readonly namespace: string;
  readonly version: string;
  readonly ports: readonly NamedPort[];
  readonly props: DeployedVersion;
  /** Annotations of its pods, under those of the version. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly inject: (template: SidecarPodTemplate, workload: SidecarWorkload) => SidecarPodTemplate;
}

/** The Deployment of one version of a service. */
export function createDeployment(scope: Construct, deployment: DeploymentProps): ApiObject {
  const { service, namespace, version, props: { replicas } } = deployment;
  if (replicas !== undefined) {
    checkWhole(replicas, `replicas of ${version}`, scope, { min: 0 });
  }
  return new MeshObject(scope, `deployment-${version}`, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: nameOf(deployment), namespace, labels: { app: service, version } },
    // Pods are large, so they are made when they are printed.
    spec: Lazy.any({ produce: () => deploymentSpec(deployment) }),
  });
}

function nameOf({ service, version }: DeploymentProps): string {
  return `${service}-${version}`;
}

function deploymentSpec(deployment: DeploymentProps): object {
  const { service, namespace, version, props, inject } = deployment;
  return {
    replicas: props.replicas ?? 1,
    selector: { matchLabels: { app: service, version } },
    template: inject(podTemplate(deployment), { apiVersion: 'apps/v1', kind: 'Deployment', name: nameOf(deployment), namespace }),
  };
}

function podTemplate({ service, serviceAccount, version, ports, props, annotations: given }: DeploymentProps): SidecarPodTemplate {
  const annotations = { ...given, ...props.annotations, ...localAnnotation(service, props.local) };
  return {
    metadata: defined({
      labels: { ...props.labels, app: service, version },
      annotations: Object.keys(annotations).length > 0 ? annotations : undefined,
    }),
    spec: {
      serviceAccountName: serviceAccount,
      containers: [defined({
        name: service,
        image: props.image,
        command: props.command,
        args: props.args,
        env: props.env && Object.entries(props.env).map(([name, value]) => (typeof value === 'string' ? { name, value } : { name, ...value })),
        ports: ports.map((port) => ({ name: port.name, containerPort: port.port.targetPort })),
        resources: props.resources,
      })],
    },
  };
}
