import { CORE_SCHEMA, dump, load, loadAll } from 'js-yaml';
import type { Schema } from '../../../imports/checks/schema';
import { fieldsOf } from '../../src/compile/ledger';
import { groupKind } from '../../src/model/snapshot';
import { replaceAt } from '../fuzz/spot';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec?: Record<string, unknown>;
}

/** A field that a case sets, and the case with other values of it. */
export interface FieldUse {
  readonly groupKind: string;
  /** As in the ledger: `spec.http[].timeout`. */
  readonly path: string;
  readonly mutants: readonly string[];
}

export function parseManifests(input: string): Manifest[] {
  return (loadAll(input, null, { schema: CORE_SCHEMA }) as (Manifest | null)[]).filter((one) => one !== null);
}

export function printManifests(manifests: readonly Manifest[]): string {
  return manifests.map((one) => dump(one, { noRefs: true })).join('---\n');
}

/** Every field that the case sets of the kinds in the ledger. */
export function fieldUses(given: readonly Manifest[]): FieldUse[] {
  const manifests = given.map(asMeshConfig);
  return manifests.flatMap((manifest, i) => {
    const kind = groupKind(manifest.apiVersion, manifest.kind);
    const schema = fieldsOf(kind)?.fields?.spec;
    if (!schema || !manifest.spec) {
      return [];
    }
    return leavesOf(manifest.spec, schema, { keys: ['spec'], path: 'spec' }).map(({ keys, path, value, leaf }) => ({
      groupKind: kind,
      path,
      mutants: otherValues(value, leaf).map((other) =>
        printManifests(manifests.map((one, j) => asConfigMap(i === j ? (replaceAt(one, keys, other) as Manifest) : one)))),
    }));
  });
}

const MESH_CONFIG = { apiVersion: 'mesh.istio.io/v1alpha1', kind: 'MeshConfig' };

/** MeshConfig stands as text in a ConfigMap: here it is an object like the others. */
export function asMeshConfig(manifest: Manifest): Manifest {
  const { data, metadata } = manifest as { data?: { mesh?: string }; metadata?: { name?: string } };
  return manifest.kind === 'ConfigMap' && metadata?.name === 'istio' && data?.mesh
    ? { ...manifest, ...MESH_CONFIG, spec: load(data.mesh) as Record<string, unknown> }
    : manifest;
}

export function asConfigMap({ spec, ...rest }: Manifest): Manifest {
  return rest.kind === MESH_CONFIG.kind
    ? { ...rest, apiVersion: 'v1', kind: 'ConfigMap', data: { mesh: dump(spec) } } as Manifest
    : { ...rest, ...(spec && { spec }) };
}

interface Leaf {
  readonly keys: readonly (string | number)[];
  readonly path: string;
  readonly value: unknown;
  readonly leaf: Schema;
}

function leavesOf(value: unknown, schema: Schema, at: Pick<Leaf, 'keys' | 'path'>): Leaf[] {
  const go = (key: string | number, path: string, inner: Schema) =>
    leavesOf((value as Record<string | number, unknown>)[key], inner, { keys: [...at.keys, key], path });
  if (schema.fields && typeof value === 'object' && value !== null) {
    return Object.keys(value).flatMap((name) => (schema.fields?.[name] ? go(name, `${at.path}.${name}`, schema.fields[name]) : []));
  }
  if (Array.isArray(value) && schema.items?.fields) {
    const items = schema.items;
    return value.flatMap((_item, i) => go(i, `${at.path}[]`, items));
  }
  if (schema.values?.fields && typeof value === 'object' && value !== null) {
    const values = schema.values;
    return Object.keys(value).flatMap((name) => go(name, `${at.path}{}`, values));
  }
  return [{ ...at, value, leaf: schema }];
}

function otherValues(value: unknown, schema: Schema): unknown[] {
  if (schema.enum) {
    return schema.enum.filter((other) => other !== value);
  }
  if (typeof value === 'boolean') {
    return [!value];
  }
  if (typeof value === 'number') {
    return [value + 1, value === 0 ? 5 : 0];
  }
  if (Array.isArray(value)) {
    return [[...value, ...value.map((item) => changed(item))], []];
  }
  if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) {
    // All that an empty object says is that it is there.
    return [undefined];
  }
  return typeof value === 'object' && value !== null
    ? [Object.fromEntries(Object.entries(value).map(([name, item]) => [name, changed(item)])), {}]
    : [changed(value)];
}

/** Another value of the same sort: a duration stays a duration, a host a host. */
function changed(value: unknown): unknown {
  if (typeof value === 'number') {
    return value + 1;
  }
  const text = String(value);
  return /^[\d.]+(ms|s|m|h)$/.test(text) ? `7${text}` : /^\d/.test(text) ? text.replace(/\d+$/, '77') : `${text.slice(0, 1)}x${text.slice(1)}`;
}

/**
 * The same case with the policy of its DestinationRule in the other places where a policy may stand: single ports, a subset, single ports of
 * a subset. One case then shows what a field does in all four.
 */
export function policyPlaces(manifests: readonly Manifest[]): Manifest[][] {
  const rule = manifests.find((one) => one.kind === 'DestinationRule' && one.spec?.trafficPolicy);
  const ports = [...new Set(manifests.flatMap(portsOf).map((port) => port.number ?? port.port))];
  const onPorts = (policy: unknown) => ({ portLevelSettings: ports.map((number) => ({ port: { number }, ...(policy as object) })) });
  const onSubset = (policy: unknown) => ({ subsets: [{ name: 'moved', labels: {}, trafficPolicy: policy }] });
  const others = manifests.filter((one) => one !== rule);
  const { trafficPolicy, ...spec } = rule?.spec ?? {};
  const moved = (place: object): Manifest => ({ ...(rule as Manifest), spec: { ...spec, ...place } });
  return !rule ? [] : [
    [...others, moved({ trafficPolicy: onPorts(trafficPolicy) })],
    [...others, moved(onSubset(trafficPolicy)), routeTo(rule, ports[0])],
    [...others, moved(onSubset(onPorts(trafficPolicy))), routeTo(rule, ports[0])],
  ];
}

/** A WorkloadEntry's ports are a map, and none to have a policy. */
function portsOf({ spec }: Manifest): { number?: number; port?: number }[] {
  return Array.isArray(spec?.ports) ? spec.ports as { number?: number; port?: number }[] : [];
}

/** Some fields act on the routes to a subset, so there must be one. */
function routeTo(rule: Manifest, port: number | undefined): Manifest {
  const host = rule.spec?.host;
  const route = [{ destination: { host, subset: 'moved', port: { number: port } } }];
  return {
    apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name: 'moved' }, spec: { hosts: [host], http: [{ route }] },
  } as Manifest;
}
