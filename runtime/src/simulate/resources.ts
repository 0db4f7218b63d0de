import type { Listener, RouteConfiguration } from '../envoy';
import { decode } from '../envoy';
import type { Configuration } from '../model/configuration';
import { TYPE_URLS } from '../model/configuration';

/** What of a proxy's configuration decides where a call goes. */
export interface Resources {
  readonly listeners: readonly Listener[];
  readonly tables: ReadonlyMap<string, RouteConfiguration>;
}

export function resourcesOf(configuration: Configuration): Resources {
  const all = (url: string) => [...configuration.get(url)?.values() ?? []];
  return {
    listeners: all(TYPE_URLS.listener).map(({ bytes }) => decode('Listener', bytes)),
    tables: new Map(all(TYPE_URLS.route).map(({ name, bytes }) => [name, decode('RouteConfiguration', bytes)])),
  };
}
