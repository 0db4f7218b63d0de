import { MeshError } from './mesh-error';
import { checkRegex, literalHead } from './private/regex';
import type { StringCondition } from './private/string-condition';

/** How a path is compared. */
export interface PathOptions {
  /**
   * Whether `/Cart` is the same as `/cart`. Writes `ignoreUriCase`.
   * @default false
   */
  readonly ignoreCase?: boolean;
}

/**
 * A condition on the path of a request, without its query. Writes `http[].match[].uri`.
 *
 * @example
 * reviews.route({ match: { path: Path.prefix('/beta') }, to: 'v2' });
 */
export class Path {
  /**
   * The path is exactly this.
   * @throws {@link MeshError} `invalid-value` if it does not begin with `/`
   */
  public static exact(path: string, options: PathOptions = {}): Path {
    return new Path({ kind: 'exact', value: withSlash(path), ...caseOf(options) });
  }

  /**
   * The path begins with this text, letter by letter as in Istio: `/cart` matches `/cart`, `/cart/1` and `/cartoon`.
   * @throws {@link MeshError} `invalid-value` if it does not begin with `/`
   */
  public static prefix(prefix: string, options: PathOptions = {}): Path {
    return new Path({ kind: 'prefix', value: withSlash(prefix), ...caseOf(options) });
  }

  /**
   * The whole path matches this RE2 regular expression.
   * @throws {@link MeshError} `invalid-regex` if it is not RE2 (lookahead, backreference …)
   */
  public static regex(regex: string): Path {
    checkRegex(regex);
    const head = literalHead(regex);
    if (head !== '' && !head.startsWith('/')) {
      throw new MeshError({ code: 'invalid-value', problem: `no path matches "${regex}": all of them begin with "/"`, fix: 'begin it with "/", or with ".*" for anything' });
    }
    return new Path({ kind: 'regex', value: regex });
  }

  private constructor(private readonly given: StringCondition) {}

  /** @internal */
  public get condition(): StringCondition {
    return this.given;
  }
}

function caseOf({ ignoreCase = false }: PathOptions): PathOptions {
  return ignoreCase ? { ignoreCase } : {};
}

function withSlash(path: string): string {
  if (/\s/.test(path)) {
    throw new MeshError({ code: 'invalid-value', problem: `path "${path}" has a space, which no path of a request has`, fix: `write "${encodeURI(path)}"` });
  }
  if (!path.startsWith('/')) {
    throw new MeshError({ code: 'invalid-value', problem: `path "${path}" does not begin with "/"`, fix: `write "/${path}"` });
  }
  if (path.includes('?') || path.includes('#')) {
    throw new MeshError({
      code: 'invalid-value',
      problem: `path "${path}" has a query or a fragment, which is never part of the path that is matched`,
      fix: 'match the query with `query: [Query.exact(name, value)]`',
    });
  }
  return path;
}
