import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { VirtualServiceSpec } from '../../imports/istio/virtual-service.types';
import { MergedVirtualService } from '../merged-object';
import { MeshError } from '../mesh-error';
import { MeshService } from '../mesh-service';
import type { ArgoRolloutsOptions, FlaggerOptions, IgnoredDifference, WeightOwner } from '../weight-owner';
import { durationText, positiveDuration } from './duration-text';
import { lateSpec, producedSpec } from './late-spec';
import { defined } from './merge';
import { checkPercent, checkWhole } from './number-range';
import { isHttp } from './ports';
import { namespaceOf } from './printed-object';

/** A canary whose weights somebody else decides. */
export interface HandedCanary {
  readonly construct: Construct;
  readonly service: unknown;
  readonly stable: string;
  readonly canary: string;
  readonly steps?: readonly number[];
}

const STEPS = [10, 25, 50];

/** Writes the object that tells the owner of the weights what to do. Returns the name that its routes have, undefined if it writes the routes itself. */
export function handWeights(owner: WeightOwner, handed: HandedCanary): string | undefined {
  const { options } = owner;
  const service = deployed(handed);
  const steps = (options.steps ?? handed.steps ?? STEPS).map((step) => checkWhole(step, 'steps', handed.construct, { min: 0, max: 100 }));
  if (options.by === 'flagger') {
    writeCanary(options, steps, { ...handed, service });
    return undefined;
  }
  writeRollout(options, steps, { ...handed, service });
  return handed.construct.node.id;
}

function deployed({ construct, service, canary }: HandedCanary): MeshService<string> {
  const known = service instanceof MeshService ? (service as MeshService<string>) : undefined;
  if (known === undefined || known.node.tryFindChild(`deployment-${canary}`) === undefined || !known.ports.some(isHttp)) {
    throw new MeshError({
      construct, code: 'unsupported-workload', problem: 'hands its weights to somebody who rolls out a Deployment for requests, but the mesh deploys none for it',
      fix: 'use a MeshService with an HTTP port and an `image` for the canary, or give the weight as a number',
    });
  }
  return known;
}

interface Written extends HandedCanary {
  readonly service: MeshService<string>;
}

/** https://argo-rollouts.readthedocs.io/en/stable/features/traffic-management/istio/, by subsets. */
function writeRollout({ pause }: ArgoRolloutsOptions, steps: readonly number[], { construct, service, stable, canary }: Written): void {
  const { name, namespace, podLabels, rules: [rules] } = service;
  rules.selectAllPods([stable, canary], podLabels);
  const duration = pause && positiveDuration(pause, 'pause', construct);
  new ApiObject(construct, 'rollout', {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name, namespace },
    spec: lateSpec(construct, () => ({
      replicas: rules.props.versions.find((version) => version.name === canary)?.replicas ?? 1,
      selector: { matchLabels: podLabels },
      workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: `${name}-${canary}`, scaleDown: 'onsuccess' },
      strategy: {
        canary: {
          trafficRouting: {
            istio: { virtualServices: routesNamed(construct.node.id, service, construct), destinationRule: { name, canarySubsetName: canary, stableSubsetName: stable } },
          },
          steps: steps.flatMap((setWeight) => [{ setWeight }, { pause: duration === undefined ? {} : { duration } }]),
        },
      },
    })),
  });
  rules.virtualService.metadata.addAnnotation('cdk8s-istio.dev/weights-decided-by', `argoproj.io/Rollout ${name}`);
}

/** Every VirtualService, gateways' too, with the routes whose weights are not ours. */
function routesNamed(name: string, { host, namespace }: MeshService<string>, construct: Construct) {
  const own = new RegExp(`^${name}(-\\d+)?$`);
  return virtualServices(construct).flatMap((object) => {
    const spec = producedSpec(object) as VirtualServiceSpec | undefined;
    const routes = (spec?.http ?? []).filter((http) => own.test(http.name ?? '') && http.route?.some(({ destination }) => destination.host === host));
    const there = namespaceOf(object);
    return routes.length === 0 ? [] : [{ name: there === namespace ? object.name : `${object.name}.${there}`, routes: routes.map((http) => http.name!) }];
  });
}

/** What Argo CD should leave alone, where it deploys what this program prints. */
export function ignoredDifferences(name: string, service: unknown, construct: Construct): IgnoredDifference[] {
  if (!(service instanceof MeshService)) {
    return [];
  }
  const routed = routesNamed(name, service as MeshService<string>, construct).map(({ name: full, routes }): IgnoredDifference => {
    const [virtualService, namespace = service.namespace] = full.split('.');
    return {
      group: 'networking.istio.io', kind: 'VirtualService', name: virtualService, namespace,
      jqPathExpressions: routes.map((route) => `.spec.http[] | select(.name == "${route}") | .route[].weight`),
    };
  });
  return [...routed, {
    group: 'networking.istio.io', kind: 'DestinationRule', name: service.name, namespace: service.namespace, jqPathExpressions: ['.spec.subsets[].labels."rollouts-pod-template-hash"'],
  }];
}

function virtualServices(construct: Construct): MergedVirtualService[] {
  return construct.node.root.node.findAll().filter((found): found is MergedVirtualService => found.constructor === MergedVirtualService);
}

/** https://docs.flagger.app/usage/how-it-works: Flagger writes the Services, the VirtualService and the DestinationRules. */
function writeCanary(options: FlaggerOptions, steps: readonly number[], { construct, service, canary }: Written): void {
  const { name, namespace, rules: [rules] } = service;
  const interval = options.interval === undefined ? '60s' : positiveDuration(options.interval, 'interval', construct);
  const port = rules.props.ports.find((known) => isHttp(known.port))!;
  rules.yieldTo(`Flagger, for ${construct.node.path}`, construct);
  service.node.tryRemoveChild('service');
  new ApiObject(construct, 'canary', {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name: `${name}-${canary}`, namespace },
    spec: lateSpec(construct, () => ({
      provider: 'istio',
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: `${name}-${canary}` },
      service: defined({
        name, port: port.port.number, targetPort: port.port.targetPort, portName: port.name, appProtocol: port.port.protocol, gateways: ['mesh'], hosts: [name],
        trafficPolicy: rules.servicePolicy(),
      }),
      analysis: {
        interval,
        threshold: checkWhole(options.threshold ?? 5, 'threshold', construct, { min: 1 }),
        stepWeights: steps,
        metrics: [
          { name: 'request-success-rate', interval, thresholdRange: { min: checkPercent(options.successRate ?? 99, 'successRate', construct) } },
          { name: 'request-duration', interval, thresholdRange: { max: options.maxLatency === undefined ? 500 : Math.round(Number.parseFloat(durationText(options.maxLatency)) * 1000) } },
        ],
      },
    })),
  });
}
