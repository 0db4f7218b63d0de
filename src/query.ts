import { MeshError } from './mesh-error';
import { checkRegex } from './private/regex';
import type { StringCondition } from './private/string-condition';

/**
 * A condition on a parameter in the query of a request. Writes `http[].match[].queryParams`.
 *
 * @example
 * reviews.route({ match: { query: [Query.exact('ring', 'beta')] }, to: 'v2' });
 */
export class Query {
  /**
   * The parameter's value is exactly this.
   * @throws {@link MeshError} `invalid-value` if the name is empty
   */
  public static exact(name: string, value: string): Query {
    return new Query(name, { kind: 'exact', value });
  }

  /**
   * The parameter's value begins with this.
   * @throws {@link MeshError} `invalid-value` if the name or the prefix is empty
   */
  public static prefix(name: string, prefix: string): Query {
    if (prefix === '') {
      throw new MeshError({ code: 'invalid-value', problem: `the prefix for query parameter "${name}" is empty`, fix: 'use Query.present(name) for any value' });
    }
    return new Query(name, { kind: 'prefix', value: prefix });
  }

  /**
   * The whole value of the parameter matches this RE2 regular expression.
   * @throws {@link MeshError} `invalid-regex` if it is not RE2, `invalid-value` if the name is empty
   */
  public static regex(name: string, regex: string): Query {
    checkRegex(regex);
    return new Query(name, { kind: 'regex', value: regex });
  }

  /**
   * The query has this parameter, whatever its value.
   * @throws {@link MeshError} `invalid-value` if the name is empty
   */
  public static present(name: string): Query {
    return new Query(name, { kind: 'present' });
  }

  private constructor(
    /** The parameter's name. */
    public readonly name: string,
    private readonly given: StringCondition,
  ) {
    if (name === '') {
      throw new MeshError({ code: 'invalid-value', problem: 'a query parameter has an empty name', fix: 'name the parameter' });
    }
  }

  /** @internal */
  public get condition(): StringCondition {
    return this.given;
  }
}
