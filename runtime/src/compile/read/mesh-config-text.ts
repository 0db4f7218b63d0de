import { JSON_SCHEMA, load } from 'js-yaml';
import { checkResource, schemaOf, withoutNulls } from '../../../../imports/checks';
import type { MeshConfigSpec } from '../../../../imports/istio/mesh-config.types';
import { recordOf } from '../../model/parsed-value';
import type { Place } from '../../model/place';
import { checkProxyRoots } from './foreign-roots';
import { readProtoJson } from './proto-json';
import { reportUnsupported } from './unsupported';

const MESH_CONFIG = { apiVersion: 'mesh.istio.io/v1alpha1', kind: 'MeshConfig' } as const;
const SCHEMA = schemaOf('mesh.istio.io/MeshConfig')!.fields!.spec;

/**
 * MeshConfig as it stands in its ConfigMap: YAML that no API server has looked at. What is wrong is reported; a setting that is wrong
 * somewhere is left out whole, so that its default holds.
 */
export function parseMeshConfig(text: unknown, place: Place): MeshConfigSpec {
  const given = typeof text === 'string' ? parse(text, place) : {};
  const config = checked(given, [], place) as MeshConfigSpec;
  reportUnsupported('mesh.istio.io/MeshConfig', { spec: config }, place);
  return config;
}

/** The annotation `proxy.istio.io/config` of a pod is MeshConfig's `defaultConfig`, and nobody has looked at it either. */
export function parseProxyConfig(text: string, place: Place): object {
  const config = checked(parse(text, place), ['defaultConfig'], place);
  reportUnsupported('mesh.istio.io/ProxyConfig', { spec: config }, place);
  checkProxyRoots(config, place);
  return config;
}

/** What of it, standing at a path of MeshConfig, is as the schema says. */
function checked(given: object, at: readonly string[], place: Place): object {
  const wrong = new Set<string>();
  const schema = at.reduce((outer, field) => outer.fields?.[field] ?? outer, SCHEMA);
  const plain = readProtoJson(given, schema) as object;
  const spec = at.reduceRight<object>((inner, field) => ({ [field]: inner }), plain);
  for (const { path, message, rule } of checkResource({ ...MESH_CONFIG, spec })) {
    const steps = path.split(/[.[\]{}]+/).filter((step) => step !== '').slice(1 + at.length);
    steps.reduce((inner, step) => inner.at(/^\d+$/.test(step) ? Number(step) : step), place).problem(message);
    if (rule !== 'unknown-field') {
      wrong.add(steps[0]);
    }
  }
  const right = Object.fromEntries(Object.entries(plain).filter(([field]) => !wrong.has(field)));
  return withoutNulls(right, schema) as object;
}

function parse(text: string, place: Place): object {
  try {
    return recordOf(load(text, { schema: JSON_SCHEMA }));
  } catch (error) {
    place.problem(`is not YAML (${(error as Error).message.split('\n', 1)[0]}): the defaults are used`);
    return {};
  }
}
