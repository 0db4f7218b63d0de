import { MeshError } from './mesh-error';
import type { ClaimPath } from './claim';
import { checkAccountReference, checkPrincipal, checkRange } from './private/access-values';

/**
 * A further condition of an {@link AccessPolicy}, on one attribute of a request or connection: one of the values must be there. Texts may
 * begin or end with `*`, and `*` alone means that the attribute is there. Writes `rules[].when[]`.
 *
 * @example
 * new AccessPolicy(mesh, 'testers', { service: reviews, allow: [{ when: [When.header('x-tier', 'test*'), When.not(When.namespace('public'))] }] });
 */
export class When {
  /**
   * A header of the request. Writes the key `request.headers[NAME]`.
   * @throws {@link MeshError} `invalid-value` if the name is no header name
   */
  public static header(name: string, ...values: readonly string[]): When {
    if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) {
      throw new MeshError({ code: 'invalid-value', problem: `"${name}" is no header name`, fix: 'header names are letters, digits and hyphens' });
    }
    return new When(`request.headers[${name}]`, values);
  }

  /**
   * The address of the connection's other end, or a range that it is in. Writes the key `source.ip`.
   * @throws {@link MeshError} `invalid-value` if a range is none
   */
  public static sourceIp(...ranges: readonly string[]): When {
    return new When('source.ip', ranges.map((range) => checkRange(range)));
  }

  /**
   * The client's own address, as `x-forwarded-for` or the PROXY protocol say, as far as the gateway trusts them. Writes the key `remote.ip`.
   * @throws {@link MeshError} `invalid-value` if a range is none
   */
  public static remoteIp(...ranges: readonly string[]): When {
    return new When('remote.ip', ranges.map((range) => checkRange(range)));
  }

  /** The namespace of the caller, by its certificate. Writes the key `source.namespace`. */
  public static namespace(...namespaces: readonly string[]): When {
    return new When('source.namespace', namespaces);
  }

  /**
   * The identity of the caller, by its certificate: `cluster.local/ns/shop/sa/web`. Writes the key `source.principal`.
   * @throws {@link MeshError} `invalid-value` if it has another form
   */
  public static principal(...principals: readonly string[]): When {
    return new When('source.principal', principals.map((principal) => checkPrincipal(principal)));
  }

  /**
   * The account of the caller, whatever its trust domain: `shop/web`, or `web` in the policy's own namespace. Writes the key `source.serviceAccount`.
   * @throws {@link MeshError} `invalid-value` if it has another form
   */
  public static serviceAccount(...accounts: readonly string[]): When {
    return new When('source.serviceAccount', accounts.map((account) => checkAccountReference(account)));
  }

  /** The trust domain of the caller. Writes the key `source.trustDomain`. */
  public static trustDomain(...domains: readonly string[]): When {
    return new When('source.trustDomain', domains);
  }

  /** Who the user's token was given to, `ISSUER/SUBJECT`. Writes the key `request.auth.principal`. */
  public static requestPrincipal(...principals: readonly string[]): When {
    return new When('request.auth.principal', principals);
  }

  /** Whom the user's token is for, its claim `aud`. Writes the key `request.auth.audiences`. */
  public static audience(...audiences: readonly string[]): When {
    return new When('request.auth.audiences', audiences);
  }

  /** Who shows the user's token, its claim `azp`. Writes the key `request.auth.presenter`. */
  public static presenter(...presenters: readonly string[]): When {
    return new When('request.auth.presenter', presenters);
  }

  /** What the user's token says; see {@link Claim} for the same as a condition of routes. Writes the key `request.auth.claims[NAME]`. */
  public static claim(claim: ClaimPath, ...values: readonly string[]): When {
    return new When(`request.auth.claims${[claim].flat().map((name) => `[${name}]`).join('')}`, values);
  }

  /**
   * The address that the connection is for. Writes the key `destination.ip`.
   * @throws {@link MeshError} `invalid-value` if a range is none
   */
  public static destinationIp(...ranges: readonly string[]): When {
    return new When('destination.ip', ranges.map((range) => checkRange(range)));
  }

  /** The port of the pod that the connection is for. Writes the key `destination.port`. */
  public static destinationPort(...ports: readonly number[]): When {
    return new When('destination.port', ports.map(String));
  }

  /** The name of the server that TLS asks for, on connections with TLS only. Writes the key `connection.sni`. */
  public static serverName(...names: readonly string[]): When {
    return new When('connection.sni', names);
  }

  /** Metadata that one of Envoy's filters sets; Istio calls it experimental. Writes the key `experimental.envoy.filters.FILTER[KEY]`. */
  public static filterMetadata(filter: string, key: string, ...values: readonly string[]): When {
    return new When(`experimental.envoy.filters.${filter}[${key}]`, values);
  }

  /**
   * None of the values may be there. Writes `notValues`.
   *
   * @example
   * new AccessPolicy(mesh, 'strangers', { service: reviews, deny: [{ when: [When.not(When.sourceIp('10.0.0.0/8'))] }] });
   */
  public static not(when: When): When {
    return new When(when.key, when.values, !when.negated);
  }

  private constructor(
    /** The attribute, in Istio's words. */
    public readonly key: string,
    /** @internal */
    public readonly values: readonly string[],
    /** @internal */
    public readonly negated = false,
  ) {
    if (values.length === 0 || values.includes('')) {
      throw new MeshError({ code: 'invalid-value', problem: `the condition on ${key} has no value`, fix: 'give it at least one; \'*\' means that the attribute is there' });
    }
  }
}
