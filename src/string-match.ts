import { MeshError } from './mesh-error';
import { checkRegex } from './private/regex';
import type { StringCondition } from './private/string-condition';

/**
 * A condition on a text that has no name of its own: the host, scheme or method of a request, an origin. Where a plain text is given, it means
 * exactly this text. Writes a `StringMatch`.
 *
 * @example
 * reviews.route({ match: { authority: StringMatch.prefix('beta.') }, to: 'v2' });
 */
export class StringMatch {
  /** The text is exactly this. */
  public static exact(text: string): StringMatch {
    return new StringMatch({ kind: 'exact', value: text });
  }

  /**
   * The text begins with this.
   * @throws {@link MeshError} `invalid-value` if the prefix is empty
   */
  public static prefix(prefix: string): StringMatch {
    if (prefix === '') {
      throw new MeshError({ code: 'invalid-value', problem: 'the prefix of a text is empty', fix: 'leave the condition out where every text will do' });
    }
    return new StringMatch({ kind: 'prefix', value: prefix });
  }

  /**
   * The whole text matches this RE2 regular expression.
   * @throws {@link MeshError} `invalid-regex` if it is not RE2
   */
  public static regex(regex: string): StringMatch {
    checkRegex(regex);
    return new StringMatch({ kind: 'regex', value: regex });
  }

  private constructor(private readonly given: StringCondition) {}

  /** @internal */
  public get condition(): StringCondition {
    return this.given;
  }
}
