import type { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { AuthorizationPolicy } from '../imports/istio/authorization-policy';
import { RequestAuthentication } from '../imports/istio/request-authentication';
import type { RequestAuthenticationSpec } from '../imports/istio/request-authentication.types';
import type { PolicyPath } from './access-rule';
import { namespaceOf } from './mesh';
import type { PolicyTarget } from './policy-target';
import { renderAccessRule } from './private/access-rules';
import { AppRegistry } from './private/app-registry';
import { positiveDuration } from './private/duration-text';
import { invalid } from './private/invalid-value';
import { lateSpec } from './private/late-spec';
import { recordLocation } from './private/location';
import { defined } from './private/merge';
import { checkNamespace, checkObjectName, unusedId } from './private/names';
import type { PolicyPlace } from './private/policy-place';
import { placeOf } from './private/target-place';

/** A header that tokens come in. */
export interface TokenHeader {
  /** Its name. */
  readonly name: string;
  /**
   * What stands before the token: `'Bearer '`, with the space.
   * @default nothing
   */
  readonly prefix?: string;
}

/** Where tokens are looked for, all of it. */
export interface TokenSources {
  /** Headers. Writes `fromHeaders`. @default none */
  readonly headers?: readonly (string | TokenHeader)[];
  /** Parameters of the query. Writes `fromParams`. @default none */
  readonly params?: readonly string[];
  /** Cookies. Writes `fromCookies`. @default none */
  readonly cookies?: readonly string[];
}

/** The keys that sign tokens: at an address, or in the program. */
export type TokenKeys =
  | {
    /** Where the keys are, as a JSON Web Key Set. Writes `jwksUri`. */
    readonly jwksUri: string; readonly jwks?: never;
  }
  | {
    /** The keys themselves, a JSON Web Key Set as text or as an object. Writes `jwks`. */
    readonly jwks: string | { readonly keys: readonly object[] }; readonly jwksUri?: never;
  }
  | {
    /** The issuer says where its keys are, by OpenID Connect's discovery. */
    readonly jwks?: never; readonly jwksUri?: never;
  };

/** Whose tokens are accepted. */
export interface TokenRules {
  /** Who issues them, their claim `iss`. Writes `issuer`. */
  readonly issuer: string;
  /**
   * Whom they must be for, one of these in their claim `aud`. Writes `audiences`.
   * @default anybody
   */
  readonly audiences?: readonly string[];
  /**
   * Where requests have them.
   * @default the header `Authorization: Bearer TOKEN`, and the parameter `access_token`
   */
  readonly from?: TokenSources;
  /**
   * Whether the service behind sees the token. Writes `forwardOriginalToken`.
   * @default false
   */
  readonly forward?: boolean;
  /**
   * A header that the service gets with what the token says, as Base64. Writes `outputPayloadToHeader`.
   * @default none
   */
  readonly outputPayload?: string;
  /**
   * Headers that the service gets with single claims: `{ 'x-user': 'sub' }`. Writes `outputClaimToHeaders`.
   * @default none
   */
  readonly outputClaims?: Readonly<Record<string, string>>;
  /**
   * Claims besides `scope` and `permission` that are lists of words in one text. Writes `spaceDelimitedClaims`.
   * @default none
   */
  readonly spaceDelimitedClaims?: readonly string[];
  /**
   * How long the keys may take to come. Writes `timeout`.
   * @default Istio's, 5 s
   */
  readonly timeout?: Duration;
  /**
   * Whether requests without a token are refused, all of them or all but those for some paths. Writes an AuthorizationPolicy `ID` that denies
   * whoever is no user; with several issuers a token of any of them will do.
   * @default false, as in Istio: wrong tokens are refused, requests without one go on, and policies decide about them
   */
  readonly required?: boolean | { readonly except: PolicyPath | readonly PolicyPath[] };
}

/** Whom it protects, and whose tokens are accepted. */
export type JwtAuthenticationProps = PolicyTarget & TokenRules & TokenKeys;

/** A RequestAuthentication that somebody else writes. */
export interface NamedAuthentication {
  /**
   * Its namespace.
   * @default the namespace of the chart
   */
  readonly namespace?: string;
}

/**
 * Users by JSON Web Tokens: requests with a token that is wrong, expired, or of nobody who may issue it get 401. Several of them, for several
 * issuers, add up. Writes a RequestAuthentication with the construct's id as its name, and with `required` an AuthorizationPolicy.
 *
 * @example
 * new JwtAuthentication(mesh, 'users', {
 *   gateway: edge, issuer: 'https://login.example.com', jwksUri: 'https://login.example.com/keys', required: true,
 * });
 */
export class JwtAuthentication extends Construct {
  /**
   * Stands for a RequestAuthentication that another repository writes, so that policies and routes here may ask for what tokens say. Nothing
   * is written.
   *
   * @example
   * JwtAuthentication.fromName(mesh, 'users', { namespace: 'istio-system' });
   */
  public static fromName(scope: Construct, name: string, props: NamedAuthentication = {}): Construct {
    const stand = new Construct(scope, unusedId(scope, name));
    const namespace = checkNamespace(props.namespace ?? namespaceOf(stand), stand);
    AppRegistry.of(stand).first(`tokens elsewhere in ${namespace}`, stand);
    return stand;
  }

  /** The RequestAuthentications, ordinary ApiObjects: one, or one for each namespace of the mesh. */
  public readonly requestAuthentications: RequestAuthentication[] = [];
  /** The AuthorizationPolicies that `required` writes. */
  public readonly policies: AuthorizationPolicy[] = [];

  /**
   * @throws {@link MeshError} `invalid-value` for an issuer, keys or places that make no sense, `inexpressible-feature` for a gateway whose pods are
   * not known
   */
  public constructor(scope: Construct, id: string, props: JwtAuthenticationProps) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const name = checkObjectName(id, this);
    const place = placeOf(props, this);
    const rule = this.rule(props);
    const { required } = props;
    const except = typeof required === 'object' ? required.except : undefined;
    const denies = () => renderAccessRule({ from: [{ notRequestPrincipals: ['*'] }], ...(except && { notPath: except }) }, place, this);
    if (required) {
      denies(); // for the errors, while the user's line is on the stack
    }
    place.eachNamespace((namespace) => {
      const metadata = { name, namespace };
      const spec: RequestAuthenticationSpec = { ...place.selection, jwtRules: [rule] };
      this.requestAuthentications.push(new RequestAuthentication(this, `authentication-${namespace}`, { metadata, spec }));
      if (required) {
        this.policies.push(new AuthorizationPolicy(this, `required-${namespace}`, { metadata, spec: lateSpec(this, () => this.requiring(place, denies)) }));
      }
      return this.requestAuthentications.at(-1)!;
    });
  }

  private requiring({ selection }: PolicyPlace, denies: () => ReturnType<typeof renderAccessRule>) {
    return { ...selection, action: 'DENY' as const, rules: [denies()] };
  }

  private rule(props: JwtAuthenticationProps): NonNullable<RequestAuthenticationSpec['jwtRules']>[number] {
    const { issuer, audiences, jwksUri, jwks, from, forward, outputPayload, outputClaims, spaceDelimitedClaims, timeout } = props;
    this.check(props);
    const some = <T>(list: readonly T[] | undefined) => (list === undefined || list.length === 0 ? undefined : list);
    return defined({
      issuer,
      audiences: some(audiences),
      jwksUri,
      jwks: typeof jwks === 'object' ? JSON.stringify(jwks) : jwks,
      fromHeaders: some(from?.headers)?.map((header) => (typeof header === 'string' ? { name: header } : header)),
      fromParams: some(from?.params),
      fromCookies: some(from?.cookies),
      forwardOriginalToken: forward,
      outputPayloadToHeader: outputPayload,
      outputClaimToHeaders: some(Object.entries(outputClaims ?? {}).map(([header, claim]) => ({ header, claim }))),
      spaceDelimitedClaims: some(spaceDelimitedClaims),
      timeout: timeout && positiveDuration(timeout, 'timeout', this),
    });
  }

  private check({ issuer, jwksUri, jwks, audiences, from, outputClaims = {}, outputPayload }: JwtAuthenticationProps): void {
    if (!issuer) {
      throw invalid(this, 'has no issuer', 'give it `issuer`, what tokens say in their claim `iss`');
    }
    if (jwksUri !== undefined && jwks !== undefined) {
      throw invalid(this, 'has both `jwks` and `jwksUri`', 'give it one of the two');
    }
    if (jwksUri !== undefined && !/^https?:\/\/[^/\s]+/.test(jwksUri)) {
      throw invalid(this, `jwksUri "${jwksUri}" is no address`, 'write "https://login.example.com/keys"');
    }
    if (jwks !== undefined && !isKeySet(jwks)) {
      throw invalid(this, '`jwks` is no JSON Web Key Set', 'write { keys: [{ kty: … }] }, with public keys only');
    }
    if (audiences?.length === 0 || audiences?.includes('')) {
      throw invalid(this, '`audiences` names nobody', 'leave it out where tokens for anybody will do');
    }
    if (from !== undefined && [from.headers, from.params, from.cookies].every((places = []) => places.length === 0)) {
      throw invalid(this, '`from` names no place to look for tokens', 'leave it out for the header Authorization');
    }
    const header = [...Object.keys(outputClaims), ...(outputPayload === undefined ? [] : [outputPayload])].find((name) => !/^[A-Za-z0-9_-]+$/.test(name));
    if (header !== undefined) {
      throw invalid(this, `"${header}" is no header name`, 'header names are letters, digits, hyphens and underscores');
    }
  }
}

/** Private keys in a manifest would be everybody's. */
function isKeySet(given: string | { readonly keys: readonly object[] }): boolean {
  try {
    const { keys } = (typeof given === 'string' ? JSON.parse(given) : given) as { keys?: unknown };
    return Array.isArray(keys) && keys.length > 0 && keys.every((key: unknown) => typeof key === 'object' && key !== null && 'kty' in key && !('d' in key));
  } catch {
    return false;
  }
}
