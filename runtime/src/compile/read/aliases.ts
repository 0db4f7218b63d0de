import { Place } from '../../model/place';
import type { Problem } from '../../model/problem';
import type { Service } from '../../model/service';
import { ObjectCache } from '../cache';
import type { SameHosts } from './same-host';

/** Services of type ExternalName that stand for others of that type: each leads to the last one, as a look-up of its name would. */
export class AliasReader {
  private readonly resolved = new ObjectCache<Service, Service>();

  public read(services: readonly Service[]): SameHosts {
    const targets = new Map(services.flatMap((one): [string, string][] => (one.aliasOf === undefined ? [] : [[one.host, one.aliasOf]])));
    const chained = services.filter((one) => one.aliasOf !== undefined && targets.has(one.aliasOf));
    const problems: Problem[] = [];
    const replaced = new Map(chained.map((one): [Service, Service] => {
      const last = follow(one.host, targets);
      if (last === undefined) {
        Place.of(one.resource, problems).at('spec').at('externalName').problem(`leads back to ${one.host}, and so nowhere: name a Service or a host outside`);
      }
      return [one, this.resolved.get(one, [last], () => ({ ...one, aliasOf: last ?? one.aliasOf }))];
    }));
    return { services: replaced.size === 0 ? services : services.map((one) => replaced.get(one) ?? one), problems };
  }
}

/** Undefined where the names lead in a circle. */
function follow(host: string, targets: ReadonlyMap<string, string>): string | undefined {
  const seen = new Set<string>();
  let at = host;
  for (let next = targets.get(at); next !== undefined; next = targets.get(at)) {
    if (seen.has(at)) {
      return undefined;
    }
    seen.add(at);
    at = next;
  }
  return at;
}
