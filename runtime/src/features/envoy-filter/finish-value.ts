import type { MessageName, MessageOf } from '../../envoy';
import { fromJson, knowsTypeUrl } from '../../envoy';
import type { Problem } from '../../model/problem';
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

/** A patch with a value that Envoy's API does not know is left out: Envoy would refuse all that comes with it. */
export function typed(patch: Patch, problems: Problem[]): TypedPatch | undefined {
  const message = MESSAGES[patch.subject];
  try {
    return { ...patch, message, value: patch.value === undefined ? {} : fromJson(message, plain(patch.value)) } as TypedPatch;
  } catch (error) {
    problems.push({
      resource: patch.resource,
      path: `${patch.path}.patch.value`,
      message: `is no ${message} of Envoy's API (${(error as Error).message}): the patch is left out`,
    });
    return undefined;
  }
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
