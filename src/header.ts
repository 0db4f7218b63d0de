import type { Claim } from './claim';
import { MeshError } from './mesh-error';
import { checkRegex } from './private/regex';
import type { StringCondition } from './private/string-condition';

const TOKEN = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
/** Istio ignores these keys in `headers` without a word. */
const OWN_FIELDS: Readonly<Record<string, string>> = {
  uri: '`path: Path.exact(…)`',
  method: '`method`',
  authority: '`authority`',
  scheme: '`scheme`',
};

/**
 * A condition on a header of a request. Names are compared without case. Writes `http[].match[].headers`, and `withoutHeaders` for
 * {@link Header.absent}.
 *
 * @example
 * reviews.route({ match: { headers: [Header.exact('end-user', 'jason')] }, to: 'v2' });
 */
export class Header {
  /**
   * The header's value is exactly this.
   * @throws {@link MeshError} `invalid-value` if the name is no header name
   */
  public static exact(name: string, value: string): Header {
    return new Header(name, { kind: 'exact', value });
  }

  /**
   * The header's value begins with this.
   * @throws {@link MeshError} `invalid-value` if the name is no header name, or the prefix is empty
   */
  public static prefix(name: string, prefix: string): Header {
    if (prefix === '') {
      throw new MeshError({ code: 'invalid-value', problem: `the prefix for header "${name}" is empty`, fix: 'use Header.present(name) for any value' });
    }
    return new Header(name, { kind: 'prefix', value: prefix });
  }

  /**
   * The whole value of the header matches this RE2 regular expression.
   * @throws {@link MeshError} `invalid-regex` if it is not RE2, `invalid-value` if the name is no header name
   */
  public static regex(name: string, regex: string): Header {
    checkRegex(regex);
    return new Header(name, { kind: 'regex', value: regex });
  }

  /**
   * The request has this header, whatever its value.
   * @throws {@link MeshError} `invalid-value` if the name is no header name
   */
  public static present(name: string): Header {
    return new Header(name, { kind: 'present' });
  }

  /**
   * The request does not have this header.
   * @throws {@link MeshError} `invalid-value` if the name is no header name
   */
  public static absent(name: string): Header {
    return new Header(name, { kind: 'absent' });
  }

  /**
   * The request has no such header, or one with another value. Writes `withoutHeaders`.
   *
   * @example
   * reviews.route({ match: { headers: [Header.not(Header.exact('end-user', 'jason'))] }, to: 'v1' });
   * @throws {@link MeshError} `invalid-value` for Header.present, Header.absent and Header.not, which say so themselves
   */
  public static not(header: Header): Header {
    const than = header.condition;
    if (!('value' in than)) {
      throw new MeshError({ code: 'invalid-value', problem: `Header.not of a header that is ${than.kind}`, fix: 'use Header.absent or Header.present, or the header itself' });
    }
    return new Header(header.name, { kind: 'not', than });
  }

  /**
   * A claim as routes ask for it: Istio takes it for a header with a name that no header has, and knows no presence there.
   * @internal
   */
  public static ofClaim({ brackets, condition: text }: Claim): Header {
    const anything: StringCondition = { kind: 'regex', value: '.*' };
    const than = text.kind === 'present' ? anything : text.kind === 'absent' ? { kind: 'not' as const, than: anything } : text;
    return new Header(`@request.auth.claims${brackets}`, than, true);
  }

  /** The header's name, in lower case. */
  public readonly name: string;

  private constructor(name: string, private readonly given: StringCondition, isClaim = false) {
    this.name = isClaim ? name : name.toLowerCase();
    if (isClaim) {
      return;
    }
    if (!TOKEN.test(this.name)) {
      throw new MeshError({ code: 'invalid-value', problem: `"${name}" is no header name`, fix: 'header names are letters, digits and hyphens' });
    }
    if (this.name in OWN_FIELDS) {
      throw new MeshError({
        code: 'invalid-value',
        problem: `Istio ignores a condition on the header "${this.name}"`,
        fix: `use ${OWN_FIELDS[this.name]} instead`,
      });
    }
  }

  /** @internal */
  public get condition(): StringCondition {
    return this.given;
  }
}
