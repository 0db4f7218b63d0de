import type { GatewaySpec } from '../../istio';
import type { Problem } from '../../model/problem';
import type { Resource } from '../../model/resource';
import { resourceKey } from '../../model/snapshot';
import { KindAnalysis } from './analysis';
import { formatLabels, hasLabels, LastFound } from './pods';

const KINDS = { gateways: 'networking.istio.io/Gateway', pods: '/Pod' } as const;

/**
 * Gateways without servers, and those that no pod serves (IST0101 of `istioctl analyze`): whoever applies Istio's samples has none of the gateways that Istio's installer would
 * have made.
 */
export class UnservedGateways extends KindAnalysis<keyof typeof KINDS> {
  public constructor() {
    const latest = new LastFound((pod) => resourceKey(pod.metadata.namespace, pod.metadata.name));
    super(KINDS, ({ gateways, pods }) => [...[...gateways.values()].flatMap(closed), ...[...gateways].filter(([key, gateway]) => (
      !latest.find(key, { pods, among: () => [...pods.values()], suits: (pod) => hasLabels(pod, selectorOf(gateway)) })
    )).map(([, gateway]) => unserved(gateway))]);
  }
}

function selectorOf({ spec }: Resource): Readonly<Record<string, string>> {
  return (spec as GatewaySpec | undefined)?.selector ?? {};
}

/** Istio's webhook refuses them. */
function closed({ kind, spec, metadata: { namespace, name } }: Resource): Problem[] {
  return (spec as GatewaySpec | undefined)?.servers?.length ? []
    : [{ resource: { kind, namespace, name }, path: 'spec.servers', message: 'there are none, so it opens nothing: add one with port and hosts', severity: 'warning' }];
}

function unserved(gateway: Resource): Problem {
  const { kind, metadata: { namespace, name } } = gateway;
  const message = `no pod has the labels ${formatLabels(selectorOf(gateway))}, so nobody listens: correct it, or add a Deployment with these labels, a container `
    + '{ name: istio-proxy, image: auto } and the annotation inject.istio.io/templates: gateway, and a Service in front of it';
  return { resource: { kind, namespace, name }, path: 'spec.selector', message, severity: 'warning' };
}
