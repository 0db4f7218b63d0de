import { MeshError } from './mesh-error';
import { checkRegex } from './private/regex';
import type { StringCondition } from './private/string-condition';

/**
 * A condition on one cookie of a request. Istio knows no cookies, so it writes a regex on the header `cookie` (`http[].match[].headers`);
 * a match can therefore hold one cookie.
 *
 * @example
 * reviews.route({ match: { cookies: [Cookie.exact('user', 'jason')] }, to: 'v2' });
 */
export class Cookie {
  /**
   * The cookie's value is exactly this.
   * @throws {@link MeshError} `invalid-value` if the name is no cookie name
   */
  public static exact(name: string, value: string): Cookie {
    return new Cookie(name, { kind: 'exact', value });
  }

  /**
   * The cookie's value begins with this.
   * @throws {@link MeshError} `invalid-value` if the name is no cookie name
   */
  public static prefix(name: string, prefix: string): Cookie {
    return new Cookie(name, { kind: 'prefix', value: prefix });
  }

  /**
   * The whole value of the cookie matches this RE2 regular expression; write `[^;]*` instead of `.*`, since it is searched in the header.
   * @throws {@link MeshError} `invalid-regex` if it is not RE2, `invalid-value` if the name is no cookie name
   */
  public static regex(name: string, regex: string): Cookie {
    checkRegex(regex);
    return new Cookie(name, { kind: 'regex', value: regex });
  }

  /**
   * The request has this cookie, whatever its value.
   * @throws {@link MeshError} `invalid-value` if the name is no cookie name
   */
  public static present(name: string): Cookie {
    return new Cookie(name, { kind: 'present' });
  }

  private constructor(
    /** The cookie's name. */
    public readonly name: string,
    private readonly given: StringCondition,
  ) {
    if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) {
      throw new MeshError({ code: 'invalid-value', problem: `"${name}" is no cookie name`, fix: 'cookie names have no spaces, "=" or ";"' });
    }
    if (given.kind !== 'regex' && 'value' in given && given.value.includes(';')) {
      throw new MeshError({ code: 'invalid-value', problem: `cookie "${name}" can never have the value "${given.value}"`, fix: 'a ";" ends the value of a cookie: encode it as the application does' });
    }
  }

  /** @internal */
  public get condition(): StringCondition {
    return this.given;
  }
}
