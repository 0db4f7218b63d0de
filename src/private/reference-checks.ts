import type { ApiObject } from 'cdk8s';
import type { DestinationRuleSpec } from '../../imports/istio/destination-rule.types';
import type { ServiceEntrySpec } from '../../imports/istio/service-entry.types';
import type { VirtualServiceDestination, VirtualServiceSpec } from '../../imports/istio/virtual-service.types';
import { MergedVirtualService } from '../merged-object';
import type { AppRegistry } from './app-registry';
import { foreignHosts } from './foreign-hosts';
import { serviceOf } from './host-claims';
import { serviceHost } from './names';
import { namespaceOf, type Print } from './printed-object';
import { sameHostErrors } from './same-host-checks';

/** Whether the hosts and subsets that routes name exist: with what the App declares, printed, patches included. */
export class ReferenceChecks {
  private readonly hosts = new Set<string>();
  private readonly wildcards: string[] = [];
  private readonly subsets = new Map<string, Set<string>>();
  private readonly declarers = new Map<string, string>();

  constructor(private readonly registry: AppRegistry) {}

  errors(objects: readonly ApiObject[], print: Print): ReadonlyMap<ApiObject, string[]> {
    objects.forEach((object) => this.declare(object, print));
    const found = new Map<ApiObject, string[]>(sameHostErrors(objects, print));
    for (const object of objects.filter(({ kind }) => kind === 'VirtualService')) {
      const { spec, metadata } = print(object);
      const errors = destinationsOf(spec).flatMap((destination) => this.errorOf(object, destination, metadata.namespace ?? 'default'));
      if (this.registry.holder('host-ownership') !== undefined) {
        errors.push(...foreignHosts({ metadata, spec }, this.declarers));
      }
      if (errors.length > 0) {
        found.set(object, [...found.get(object) ?? [], ...new Set(errors)]);
      }
    }
    return found;
  }

  private declare(object: ApiObject, print: Print): void {
    const namespace = namespaceOf(object);
    if (object.kind === 'Service' && object.apiVersion === 'v1') {
      this.hosts.add(serviceHost(object.name, namespace));
    } else if (object.kind === 'ServiceEntry') {
      ((print(object).spec as ServiceEntrySpec | undefined)?.hosts ?? []).forEach((host) => this.declareOutside(host, namespace));
    } else if (object.kind === 'DestinationRule') {
      const spec = print(object).spec as DestinationRuleSpec | undefined;
      const host = fullHost(spec?.host ?? '', namespace);
      const subsets = this.subsets.get(host) ?? new Set();
      (Array.isArray(spec?.subsets) ? spec.subsets : []).forEach(({ name }) => subsets.add(name));
      this.subsets.set(host, subsets);
    }
  }

  private declareOutside(host: string, namespace: string): void {
    if (host.startsWith('*')) {
      this.wildcards.push(host);
    } else {
      this.hosts.add(host);
    }
    if (!this.declarers.has(host)) {
      this.declarers.set(host, namespace);
    }
  }

  private errorOf(object: ApiObject, destination: VirtualServiceDestination, namespace: string): string[] {
    const host = fullHost(destination.host, namespace);
    if (!this.isKnown(host) && this.isOurs(object, host)) {
      return [`VirtualService ${object.name}: routes to ${host}, which does not exist; declare it, or stand in for it with MeshService.fromName or ExternalService`];
    }
    const subsets = this.subsets.get(host);
    if (destination.subset !== undefined && subsets !== undefined && !subsets.has(destination.subset)) {
      return [`VirtualService ${object.name}: routes to version ${destination.subset} of ${host}, which has ${[...subsets].join(', ') || 'none'}; add it to \`versions\``];
    }
    return [];
  }

  private isKnown(host: string): boolean {
    return this.hosts.has(host) || serviceOf(this.registry, host) !== undefined || this.wildcards.some((wildcard) => host === wildcard || host.endsWith(wildcard.slice(1)));
  }

  /** A raw VirtualService may name hosts that only its author knows of, except in namespaces that the mesh fills. */
  private isOurs(object: ApiObject, host: string): boolean {
    const namespace = /\.([^.]+)\.svc\.cluster\.local$/.exec(host)?.[1];
    // To cdk8s, every ApiObject is an `instanceof` every subclass.
    return object.constructor === MergedVirtualService || this.registry.holder(`namespace ${namespace}`) !== undefined;
  }
}

/** As Istio reads a host in an object: a name without dots is one of the object's namespace. */
function fullHost(host: string, namespace: string): string {
  return host.includes('.') ? host : serviceHost(host, namespace);
}

function destinationsOf(given: unknown): VirtualServiceDestination[] {
  const spec = given as VirtualServiceSpec | undefined;
  const routes = [...spec?.http ?? [], ...spec?.tls ?? [], ...spec?.tcp ?? []];
  const mirrors = (spec?.http ?? []).flatMap(({ mirror, mirrors: many = [] }) => [...(mirror ? [mirror] : []), ...many.map(({ destination }) => destination)]);
  return [...routes.flatMap(({ route = [] }) => route.map(({ destination }) => destination)), ...mirrors]
    .filter((destination) => typeof destination?.host === 'string');
}
