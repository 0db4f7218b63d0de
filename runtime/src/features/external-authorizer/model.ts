import { key } from '../../model/attachment';
import type { RbacRule } from '../../model/rbac-rule';

/** A service that is asked whether requests may pass: an entry of MeshConfig's `extensionProviders`. */
export interface Authorizer {
  readonly name: string;
  /** `host`, or `namespace/host`. */
  readonly service: string;
  readonly port: number;
  /** Milliseconds. */
  readonly timeout: number;
  /** Whether requests pass when it cannot be asked. */
  readonly failOpen: boolean;
  /** What they are answered with when they do not; undefined: 403. */
  readonly statusOnError?: number;
  /** Whether the route is chosen again with the headers that it added. */
  readonly reroutes: boolean;
  readonly body?: { readonly maxBytes: number; readonly partial: boolean; readonly raw: boolean };
  /** Undefined: it is asked by gRPC. */
  readonly http?: HttpQuestions;
}

/** How one is asked over HTTP. `x-*` and `*-x` stand for many headers. */
export interface HttpQuestions {
  readonly pathPrefix: string;
  readonly asked: readonly string[];
  readonly added: readonly (readonly [name: string, value: string])[];
  readonly toUpstream: readonly string[];
  readonly toClientOnDeny: readonly string[];
  readonly toClientOnAllow: readonly string[];
}

/** All of the mesh, by name; those that cannot be read are there, and let nothing pass. */
export const authorizers = key<ReadonlyMap<string, Authorizer | 'unreadable'>>('authorizers');

/** Requests about which somebody else decides: an AuthorizationPolicy with action CUSTOM. */
export interface ExternalAccess {
  readonly provider: string;
  readonly rules: readonly RbacRule[];
}

export const externalAccess = key<ExternalAccess>('externalAccess');

/** Who decides, and where it is reached. A policy without denies whatever its rules are about. */
export interface FoundAuthorizer {
  readonly authorizer: Authorizer;
  readonly host: string;
  readonly cluster: string;
}

export const foundAuthorizer = key<FoundAuthorizer>('foundAuthorizer');
