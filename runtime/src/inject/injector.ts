import { injectGateway, injectSidecar, wantsGateway } from '../../../src/sidecar';
import type { SidecarOptions, SidecarWorkload } from '../../../src/sidecar';
import type { PodTemplate } from '../kubernetes';
import type { Problem, ResourceRef } from '../model/problem';
import { annotationFaults } from './annotation';
import { decideInjection, LOCAL_POLICY } from './policy';
import type { InjectionPolicy } from './policy';

export interface InjectorOptions {
  /** @default LOCAL_POLICY */
  readonly policy?: InjectionPolicy;
  readonly sidecar?: Omit<SidecarOptions, 'workload'>;
}

export interface InjectedTemplate {
  readonly template: PodTemplate;
  readonly problems: readonly Problem[];
}

interface Namespace {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Plain pod templates → pod templates with their proxy, where the webhook would add it. */
export class Injector {
  private readonly policy: InjectionPolicy;

  public constructor(private readonly options: InjectorOptions = {}) {
    this.policy = options.policy ?? LOCAL_POLICY;
  }

  public inject(given: PodTemplate, workload: SidecarWorkload, namespace: Namespace): InjectedTemplate {
    if (!decideInjection(given, namespace, this.policy).inject) return { template: given, problems: [] };
    const { template, problems } = withoutFaults(given, { kind: workload.kind, namespace: namespace.name, name: workload.name });
    const options = { ...this.options.sidecar, workload: { ...workload, namespace: namespace.name } };
    return { template: wantsGateway(template) ? injectGateway(template, options) : injectSidecar(template, options), problems };
  }

  /** The proxy of a gateway that is deployed by a controller, whatever the policy says of its namespace. */
  public gateway(template: PodTemplate, workload: Omit<SidecarWorkload, 'namespace'>, namespace: string): PodTemplate {
    return injectGateway(template, { ...this.options.sidecar, workload: { ...workload, namespace } });
  }
}

/** What is wrong in an annotation counts as not written: the pod is captured as by default, never less than that. */
function withoutFaults(template: PodTemplate, resource: ResourceRef): InjectedTemplate {
  const faults = annotationFaults(template);
  if (faults.length === 0) return { template, problems: [] };
  const path = resource.kind === 'Pod' ? 'metadata.annotations' : 'spec.template.metadata.annotations';
  const wrong = new Set(faults.map(({ name }) => name));
  const annotations = Object.fromEntries(Object.entries(template.metadata?.annotations ?? {}).filter(([name]) => !wrong.has(name)));
  return {
    template: { ...template, metadata: { ...template.metadata, annotations } },
    problems: faults.map(({ name, message }) => ({ resource, path: `${path}[${JSON.stringify(name)}]`, message })),
  };
}
