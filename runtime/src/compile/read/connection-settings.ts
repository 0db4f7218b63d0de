import type { MeshConfigSpecDefaultConfigConnectionSettings as Spec } from '../../../../imports/istio/mesh-config.types';
import { parseDuration } from '../../features/duration';
import type { Range } from '../../features/number-range';
import { readNumber } from '../../features/number-range';
import type { ConnectionSettings } from '../../model/connection-settings';
import type { Place } from '../../model/place';
import type { ProxySettings } from '../../model/proxy-settings';

const MOST = 0x7fff_ffff;
const BYTES: Range = { min: 1, max: MOST };
const STREAMS: Range = { min: 1, max: MOST };
/** RFC 9113, 6.5.2 and 6.9.2. */
const WINDOW: Range = { min: 65_535, max: MOST };

const UNDERSCORES: Readonly<Record<string, ConnectionSettings['underscores']>> = {
  HEADERS_WITH_UNDERSCORES_ALLOW: 'ALLOW', HEADERS_WITH_UNDERSCORES_REJECT_REQUEST: 'REJECT_REQUEST', HEADERS_WITH_UNDERSCORES_DROP_HEADER: 'DROP_HEADER',
};
const ESCAPED_SLASHES: Readonly<Record<string, ConnectionSettings['escapedSlashes']>> = {
  KEEP_UNCHANGED: 'KEEP_UNCHANGED', REJECT_REQUEST: 'REJECT_REQUEST', UNESCAPE_AND_REDIRECT: 'UNESCAPE_AND_REDIRECT', UNESCAPE_AND_FORWARD: 'UNESCAPE_AND_FORWARD',
};

/** https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig-ConnectionSettings */
export function readConnectionSettings(spec: Spec | undefined, place: Place): Pick<ProxySettings, 'connections' | 'edgeProfile'> {
  if (!spec) {
    return {};
  }
  const time = (field: keyof Spec): number | undefined => readTime(spec[field], place.at(field));
  const number = (field: keyof Spec, range: Range): number | undefined => readNumber(spec[field] as number | undefined, range, place.at(field));
  const all: ConnectionSettings = {
    listenerBuffer: number('listenerPerConnectionBufferLimitBytes', BYTES),
    idleTimeout: time('httpIdleTimeout'),
    maxDuration: time('httpMaxConnectionDuration'),
    drainTimeout: time('httpDrainTimeout'),
    requestTimeout: time('httpRequestTimeout'),
    headersTimeout: time('httpRequestHeadersTimeout'),
    streamIdleTimeout: time('httpStreamIdleTimeout'),
    maxStreamDuration: time('httpMaxStreamDuration'),
    maxStreams: number('httpMaxConcurrentStreams', STREAMS),
    streamWindow: number('http2InitialStreamWindowSize', WINDOW),
    connectionWindow: number('http2InitialConnectionWindowSize', WINDOW),
    underscores: readWord(spec.httpHeadersWithUnderscoresAction, 'HEADERS_WITH_UNDERSCORES_UNSPECIFIED', UNDERSCORES, place.at('httpHeadersWithUnderscoresAction')),
    mergeSlashes: spec.httpMergeSlashes,
    escapedSlashes: readWord(spec.httpPathWithEscapedSlashesAction, 'PATH_WITH_ESCAPED_SLASHES_UNSPECIFIED', ESCAPED_SLASHES, place.at('httpPathWithEscapedSlashesAction')),
  };
  const connections = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as ConnectionSettings;
  return { connections, ...(readProfile(spec.profile, place.at('profile')) === 'EDGE' && { edgeProfile: true }) };
}

function readTime(value: unknown, place: Place): number | undefined {
  const time = value === undefined ? undefined : parseDuration(String(value));
  if (value !== undefined && time === undefined) {
    place.problem(`'${String(value)}' is not a duration, such as 30s: it is left out`);
  }
  return time;
}

function readWord<T>(word: string | undefined, unset: string, words: Readonly<Record<string, T>>, place: Place): T | undefined {
  if (word === undefined || word === unset || Object.hasOwn(words, word)) {
    return word === undefined ? undefined : words[word];
  }
  place.problem(`'${word}' is none of ${Object.keys(words).join(', ')}: it is left out`);
  return undefined;
}

function readProfile(profile: string | undefined, place: Place): string | undefined {
  if (profile !== undefined && profile !== 'SIDECAR' && profile !== 'EDGE') {
    place.problem(`'${profile}' is none of SIDECAR, EDGE: SIDECAR is used`);
  }
  return profile;
}
