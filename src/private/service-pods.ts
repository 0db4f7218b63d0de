import type { Construct } from 'constructs';
import type { IMeshService } from '../mesh-member';
import type { VersionProps } from '../service-version';
import type { SidecarPodTemplate, SidecarWorkload } from '../sidecar';
import { createDeployment, localAnnotation } from './deployment';
import type { NamedPort } from './ports';
import { adoptWorkload } from './workload';
import { createWorkloadGroup } from './workload-group';

/** What the pods of a version need to know of their service. */
interface ServicePods {
  readonly version: string;
  readonly props: VersionProps;
  readonly ports: readonly NamedPort[];
  /** Annotations about what goes through their proxy. */
  readonly capture: Readonly<Record<string, string>>;
  /** Makes them pods of the mesh. */
  readonly inject: (template: SidecarPodTemplate, workload: SidecarWorkload) => SidecarPodTemplate;
}

/** Who runs one version of a service: a Deployment, a workload that exists and is taken in, or machines. */
export function createPods(service: Construct & IMeshService, { version, props, ports, capture, inject: injected }: ServicePods): void {
  const inject = service.hasProxy ? injected : withoutProxy;
  const serviceAccount = service.accounts.nameOf(version);
  const { namespace } = service;
  if (props.machines !== undefined) {
    createWorkloadGroup(service, { service: service.name, serviceAccount, namespace, version, ports, machines: props.machines });
    return;
  }
  if (props.workload === undefined) {
    createDeployment(service, { service: service.name, serviceAccount, namespace, version, ports, props, inject, annotations: capture });
    return;
  }
  adoptWorkload(service, props.workload, {
    inject,
    labels: { ...service.podLabels, version },
    serviceAccount,
    namespace,
    annotations: (container) => ({ ...capture, ...localAnnotation(container, props.local) }),
  });
}

/** Injectors leave pods with this label alone. */
function withoutProxy(template: SidecarPodTemplate): SidecarPodTemplate {
  const { metadata } = template;
  return { ...template, metadata: { ...metadata, labels: { ...metadata?.labels, 'sidecar.istio.io/inject': 'false' } } };
}
