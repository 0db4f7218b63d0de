import type { MeshConfigSpec } from '../../../../imports/istio/mesh-config.types';
import { parseJsonFormat } from '../../features/access-log-format';
import { parseDuration } from '../../features/duration';
import { readLogFormat } from '../../features/header-format';
import { Attachments } from '../../model/attachment';
import { asProxyConfig } from '../../istio';
import { TRUST_DOMAIN } from '../../model/identity';
import type { OutboundMode, OutboundTrafficPolicy } from '../../model/listener';
import type { IngressSettings, MeshSettings, PathNormalization } from '../../model/mesh';
import { ROOT_NAMESPACE } from '../../model/mesh';
import { DEFAULT_PROXY_SETTINGS } from '../../model/proxy-settings';
import type { Place } from '../../model/place';
import type { Resource } from '../../model/resource';
import type { ResourceMap } from '../../model/snapshot';
import { resourceKey } from '../../model/snapshot';
import { DEFAULT_SWITCHES } from '../../model/switches';
import { readSettings } from './destination-rule';
import { checkProxyRoots, readForeignRoots } from './foreign-roots';
import { parseMeshConfig } from './mesh-config-text';
import { readWithRooms } from './rooms';
import { readProxySettings } from './proxy-settings';

export const MESH_CONFIG_MAP = { namespace: ROOT_NAMESPACE, name: 'istio', entry: 'mesh' } as const;

const OUTBOUND_MODES: readonly string[] = ['ALLOW_ANY', 'REGISTRY_ONLY', 'ALLOW_ANY_DYNAMIC_DNS'] satisfies OutboundMode[];

export const DEFAULT_SETTINGS: MeshSettings = {
  rootNamespace: ROOT_NAMESPACE,
  trustDomain: TRUST_DOMAIN,
  trustDomainAliases: [],
  foreignRoots: { pems: [], bundles: [] },
  outboundTrafficPolicy: { mode: 'ALLOW_ANY' },
  connectTimeout: 10_000,
  protocolDetectionTimeout: 0,
  dnsRefreshRate: 60_000,
  exportedTo: {},
  privateRules: false,
  discoverySelectors: [],
  ingress: { mode: 'STRICT', className: 'istio', selector: { istio: 'ingressgateway' } },
  features: Attachments.NONE,
  defaultPolicy: Attachments.NONE,
  accessLogFile: '/dev/stdout',
  accessLogEncoding: 'TEXT',
  listenerLog: true,
  pathNormalization: 'BASE',
  inboundMode: 'PASSTHROUGH',
  statNames: {},
  switches: DEFAULT_SWITCHES,
  proxy: DEFAULT_PROXY_SETTINGS,
};

/** https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/ */
export function readMeshConfig(resource: Resource, place: Place): readonly MeshSettings[] {
  const text = (resource.data as Record<string, unknown> | undefined)?.[MESH_CONFIG_MAP.entry];
  const at = place.at('data').at(MESH_CONFIG_MAP.entry);
  const config = parseMeshConfig(text, at);
  checkProxyRoots(asProxyConfig(config.defaultConfig), at.at('defaultConfig'));
  const features = readWithRooms((room) => room.mesh?.(config, at));
  return [{
    rootNamespace: config.rootNamespace || DEFAULT_SETTINGS.rootNamespace,
    trustDomain: readTrustDomain(config.trustDomain, at.at('trustDomain')) ?? DEFAULT_SETTINGS.trustDomain,
    trustDomainAliases: (config.trustDomainAliases ?? []).flatMap((one, i) => readTrustDomain(one, at.at('trustDomainAliases').at(i)) ?? []),
    foreignRoots: readForeignRoots(config.caCertificates ?? [], at.at('caCertificates')),
    outboundTrafficPolicy: readOutbound(config.outboundTrafficPolicy, at.at('outboundTrafficPolicy')),
    connectTimeout: readTime(config, 'connectTimeout', at),
    protocolDetectionTimeout: readTime(config, 'protocolDetectionTimeout', at),
    dnsRefreshRate: readTime(config, 'dnsRefreshRate', at),
    exportedTo: { services: readNames(config.defaultServiceExportTo), virtualServices: readNames(config.defaultVirtualServiceExportTo) },
    features,
    defaultPolicy: readDefaults(config.defaultTrafficPolicy, at.at('defaultTrafficPolicy')),
    privateRules: config.defaultDestinationRuleExportTo?.includes('.') ?? false,
    discoverySelectors: readSelectors(config.discoverySelectors ?? [], at.at('discoverySelectors')),
    ingress: readIngressSettings(config, at),
    accessLogFile: readFile(config.accessLogFile, at.at('accessLogFile')) ?? DEFAULT_SETTINGS.accessLogFile,
    accessLogFormat: readLogFormat(config.accessLogFormat, at.at('accessLogFormat')),
    accessLogEncoding: readEncoding(config, at),
    listenerLog: !config.disableEnvoyListenerLog,
    pathNormalization: readNormalization(config.pathNormalization?.normalization),
    inboundMode: config.inboundTrafficPolicy?.mode ?? DEFAULT_SETTINGS.inboundMode,
    statNames: { inbound: config.inboundClusterStatName || undefined, outbound: config.outboundClusterStatName || undefined },
    switches: DEFAULT_SETTINGS.switches,
    defaultConfig: config.defaultConfig as MeshSettings['defaultConfig'],
    proxy: config.defaultConfig ? readProxySettings(asProxyConfig(config.defaultConfig), at.at('defaultConfig')) : DEFAULT_SETTINGS.proxy,
  }];
}

/** As the standard has it: `spiffe://` and the host of a URI. */
const TRUST_DOMAIN_FORM = /^[a-z0-9._-]{1,255}$/;

function readTrustDomain(name: string | undefined, place: Place): string | undefined {
  if (!name || TRUST_DOMAIN_FORM.test(name)) {
    return name || undefined;
  }
  place.problem(`'${name}' is no trust domain: write lower-case letters, digits, dots, '-' and '_', such as prod.example.com; it is left out`);
  return undefined;
}

/** A proxy that cannot open its log takes no listener at all. An empty path turns the log off, as in Istio. */
function readFile(path: string | undefined, place: Place): string | undefined {
  if (!path || (/^\/.*[^/]$/.test(path) && !path.includes('\0'))) {
    return path;
  }
  place.problem(`${JSON.stringify(path)} is not the absolute path of a file, such as /dev/stdout: ${DEFAULT_SETTINGS.accessLogFile} is used`);
  return undefined;
}

/** A format of your own must then be JSON too; as in Istio, the default one takes the place of one that is not. */
function readEncoding({ accessLogEncoding = 'TEXT', accessLogFormat }: MeshConfigSpec, place: Place): MeshSettings['accessLogEncoding'] {
  if (accessLogEncoding === 'JSON' && accessLogFormat && !parseJsonFormat(accessLogFormat)) {
    place.at('accessLogFormat').problem('must be a JSON object because accessLogEncoding is JSON: the default format is used');
  }
  return accessLogEncoding;
}

/** https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-ProxyPathNormalization */
function readNormalization(name: NonNullable<MeshConfigSpec['pathNormalization']>['normalization'] = 'DEFAULT'): PathNormalization {
  return name === 'DEFAULT' ? DEFAULT_SETTINGS.pathNormalization : name;
}

const OPERATORS: readonly string[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** As in Istio, one that cannot be read makes all of them count for nothing: what is hidden by mistake would be missed more. */
function readSelectors(selectors: NonNullable<MeshConfigSpec['discoverySelectors']>, place: Place): MeshSettings['discoverySelectors'] {
  let broken = false;
  selectors.forEach(({ matchExpressions = [] }, i) => matchExpressions.forEach(({ operator = '', key = '' }, j) => {
    if (!OPERATORS.includes(operator) || key === '') {
      broken = true;
      place.at(i).at('matchExpressions').at(j).problem(`needs a key, and one of ${OPERATORS.join(', ')} as operator, got '${key}' and '${operator}': all namespaces count`);
    }
  }));
  return broken ? [] : selectors as MeshSettings['discoverySelectors'];
}

const INGRESS_MODES: readonly string[] = ['OFF', 'DEFAULT', 'STRICT'] satisfies IngressSettings['mode'][];

/** The pods are those of Istio's own gateway, unless a label says otherwise: `ingressSelector`, or the name of another Service. */
function readIngressSettings({ ingressControllerMode: mode = 'STRICT', ingressClass, ingressService, ingressSelector }: MeshConfigSpec, place: Place): IngressSettings {
  const known = INGRESS_MODES.includes(mode);
  if (!known) {
    place.at('ingressControllerMode').problem(`'${mode}' is none of ${INGRESS_MODES.join(', ')}: STRICT is used`);
  }
  const other = ingressService && ingressService !== 'istio-ingressgateway' ? ingressService : undefined;
  return {
    mode: known ? mode as IngressSettings['mode'] : 'STRICT',
    className: ingressClass || DEFAULT_SETTINGS.ingress.className,
    selector: { istio: ingressSelector || other || DEFAULT_SETTINGS.ingress.selector.istio },
  };
}

function readNames(names: unknown): readonly string[] | undefined {
  return Array.isArray(names) && names.length > 0 ? names.map(String) : undefined;
}

/** https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-DefaultTrafficPolicy knows these two blocks. */
function readDefaults(spec: MeshConfigSpec['defaultTrafficPolicy'], place: Place): Attachments {
  return spec ? readSettings({ connectionPool: spec.connectionPool, outlierDetection: spec.outlierDetection }, place) : Attachments.NONE;
}

function readOutbound(spec: MeshConfigSpec['outboundTrafficPolicy'], place: Place): OutboundTrafficPolicy {
  const mode = readMode(spec?.mode, place.at('mode'));
  if (spec?.tls && mode !== 'ALLOW_ANY_DYNAMIC_DNS') {
    place.at('tls').problem(`has no effect with mode ${mode}: only with ALLOW_ANY_DYNAMIC_DNS does the proxy know which host it calls`, 'warning');
    return { mode };
  }
  return { mode, ...(spec?.tls && { clientTls: readSettings({ tls: spec.tls }, place) }) };
}

function readMode(mode: string | undefined, place: Place): OutboundMode {
  if (mode !== undefined && !OUTBOUND_MODES.includes(mode)) {
    place.problem(`'${mode}' is none of ${OUTBOUND_MODES.join(', ')}: ALLOW_ANY is used`);
    return 'ALLOW_ANY';
  }
  return (mode ?? DEFAULT_SETTINGS.outboundTrafficPolicy.mode) as OutboundMode;
}

/** What Envoy takes at least, in milliseconds. */
const SHORTEST = { connectTimeout: 1, protocolDetectionTimeout: 0, dnsRefreshRate: 2 } as const;

function readTime(config: MeshConfigSpec, field: 'connectTimeout' | 'protocolDetectionTimeout' | 'dnsRefreshRate', place: Place): number {
  const text = config[field];
  const time = text === undefined ? DEFAULT_SETTINGS[field] : parseDuration(String(text));
  if (time === undefined) {
    place.at(field).problem(`'${text}' is not a duration, such as 10s`);
    return DEFAULT_SETTINGS[field];
  }
  if (time < SHORTEST[field]) {
    place.at(field).problem(`is ${text}, but must be at least ${SHORTEST[field]} ms: ${DEFAULT_SETTINGS[field]} ms is used`);
    return DEFAULT_SETTINGS[field];
  }
  return time;
}

const single = new WeakMap<object, ResourceMap>();

/** The one ConfigMap that holds MeshConfig, as a map that is the same as long as the object is. */
export function meshConfigMap(all: ResourceMap): ResourceMap {
  const resource = all.get(resourceKey(MESH_CONFIG_MAP.namespace, MESH_CONFIG_MAP.name));
  if (!resource) {
    return NONE;
  }
  let map = single.get(resource);
  if (!map) {
    map = new Map([[MESH_CONFIG_MAP.name, resource]]);
    single.set(resource, map);
  }
  return map;
}

const NONE: ResourceMap = new Map();
