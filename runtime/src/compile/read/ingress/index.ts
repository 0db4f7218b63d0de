import { compare } from '../../../model/host';
import type { Gateway } from '../../../model/listener';
import type { IngressSettings } from '../../../model/mesh';
import { ROOT_NAMESPACE } from '../../../model/mesh';
import type { Problem } from '../../../model/problem';
import type { VirtualService } from '../../../model/route';
import type { Service } from '../../../model/service';
import type { ResourceMap } from '../../../model/snapshot';
import { InputCache, sameItems } from '../../cache';
import { TracedReadings } from '../traced';
import type { IngressReading, IngressShare } from './ingress';
import { byPath, gatewayName, readIngress } from './ingress';

interface IngressInput {
  readonly kinds: (groupKind: string) => ResourceMap;
  readonly settings: IngressSettings;
  readonly servicesByHost: ReadonlyMap<string, readonly Service[]>;
}

interface Reading {
  readonly gateways: readonly Gateway[];
  readonly virtualServices: readonly VirtualService[];
  readonly problems: readonly Problem[];
}

const INGRESS = 'networking.k8s.io/Ingress';
const INGRESS_CLASS = 'networking.k8s.io/IngressClass';

/** Reads Kubernetes Ingresses as Istio does: each is a Gateway, and all rules for one host are one VirtualService. */
export class IngressReader {
  private readonly ingresses = new TracedReadings(readIngress);
  private readonly merged = new InputCache<VirtualService>(2);
  private latest?: { readonly inputs: readonly unknown[]; readonly reading: Reading };

  public read(input: IngressInput): Reading {
    const inputs = [input.kinds(INGRESS), input.kinds(INGRESS_CLASS), input.settings, input.servicesByHost];
    if (!this.latest || !sameItems(this.latest.inputs, inputs)) {
      this.latest = { inputs, reading: this.readAll(input) };
    }
    return this.latest.reading;
  }

  private readAll({ kinds, settings, servicesByHost }: IngressInput): Reading {
    const world = {
      settings: () => settings,
      ingressClass: (name: string) => kinds(INGRESS_CLASS).get(`/${name}`),
      service: (host: string) => servicesByHost.get(host)?.[0],
    };
    const readings = [...kinds(INGRESS).values()].map((one) => this.ingresses.of(one, world));
    return {
      gateways: readings.flatMap((one) => one.gateway ?? []),
      virtualServices: this.merge(readings),
      problems: readings.flatMap((one): readonly Problem[] => one.problems),
    };
  }

  private merge(readings: readonly IngressReading[]): VirtualService[] {
    const byHost = new Map<string, IngressShare[]>();
    for (const share of readings.flatMap((one) => one.shares).sort(byIngressAge)) {
      byHost.set(share.host, [...byHost.get(share.host) ?? [], share]);
    }
    return [...byHost].map(([host, shares]) => this.merged.get(host, shares, () => mergeShares(host, shares)));
  }
}

/** Oldest first; of equals the order is by name, as Istio has it. */
function byIngressAge({ ingress: { metadata: a } }: IngressShare, { ingress: { metadata: b } }: IngressShare): number {
  return compare(a.creationTimestamp ?? '', b.creationTimestamp ?? '') || compare(a.name, b.name) || compare(a.namespace, b.namespace);
}

/** The oldest Ingress of a host decides at whose Gateway, and so with whose certificates, all of its rules are served. */
function mergeShares(host: string, shares: readonly IngressShare[]): VirtualService {
  const [{ ingress }] = shares;
  const { namespace, name } = ingress.metadata;
  return {
    resource: { kind: ingress.kind, namespace, name },
    namespace,
    hosts: [host],
    gateways: [`${ROOT_NAMESPACE}/${gatewayName(ingress)}`],
    exportTo: undefined,
    http: shares.flatMap((one) => one.rules).sort(byPath),
    tls: [],
    tcp: [],
    created: '',
  };
}
