import type { MessageName, MessageOf } from '../../envoy';
import { fromJson, knownFields, knowsTypeUrl } from '../../envoy';
import type { Problem } from '../../model/problem';
import { parseDuration } from '../duration';
import type { Patch, Subject } from './model';

const MESSAGES = {
  LISTENER: 'Listener', LISTENER_FILTER: 'ListenerFilter', FILTER_CHAIN: 'FilterChain', NETWORK_FILTER: 'Filter', HTTP_FILTER: 'HttpFilter',
  ROUTE_CONFIGURATION: 'RouteConfiguration', VIRTUAL_HOST: 'VirtualHost', HTTP_ROUTE: 'Route', CLUSTER: 'Cluster', EXTENSION_CONFIG: 'TypedExtensionConfig', BOOTSTRAP: 'Bootstrap',
} as const satisfies Record<Subject, MessageName>;

type Messages = typeof MESSAGES;

/** A patch of which the value is a message of Envoy's. */
export interface TypedPatch<S extends Subject = Subject> extends Omit<Patch, 'value'> {
  readonly subject: S;
  readonly message: Messages[S];
  /** Empty where there is nothing to put: something is removed. */
  readonly value: MessageOf<Messages[S]>;
}

/**
 * A patch with a value that Envoy's API does not know is left out: Envoy would refuse all that comes with it. As in Istio, one that only has fields
 * too many holds without them.
 */
export function typed(patch: Patch, problems: Problem[]): TypedPatch | undefined {
  const message = MESSAGES[patch.subject];
  try {
    const { json, unknown } = knownFields(message, plain(patch.value ?? {}), seconds);
    problems.push(...unknown.map((field): Problem => ({
      resource: patch.resource, path: `${patch.path}.patch.value.${field}`, message: 'is no field of Envoy\'s API: it is left out, the rest of the patch holds',
    })));
    return { ...patch, message, value: fromJson(message, json) } as TypedPatch;
  } catch (error) {
    problems.push({
      resource: patch.resource,
      path: `${patch.path}.patch.value`,
      message: `is no ${message} of Envoy's API (${(error as Error).message}): the patch is left out`,
    });
    return undefined;
  }
}

/** `500ms` → `0.5s`, the only unit of protobuf JSON. */
function seconds(text: string): string | undefined {
  const duration = parseDuration(text);
  return duration === undefined ? undefined : `${(duration / 1000).toFixed(9).replace(/\.?0+$/, '')}s`;
}

const STRUCTS = /\/(udpa\.type\.v1|xds\.type\.v3)\.TypedStruct$/;

/** A TypedStruct of a type that is known is that type, so that it can be checked and merged; udpa is what xds was called before. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const { '@type': type, ...fields } = value as Record<string, unknown>;
  if (typeof type === 'string' && STRUCTS.test(type)) {
    const inner = String(fields.type_url ?? fields.typeUrl ?? '');
    return knowsTypeUrl(inner)
      ? plain({ '@type': inner, ...fields.value as object })
      : { ...fields, '@type': 'type.googleapis.com/xds.type.v3.TypedStruct' };
  }
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}
