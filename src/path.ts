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

/** How a path can be compared: routes know no `suffix` and no `template`, policies no `regex`. */
export type PathKind = 'exact' | 'prefix' | 'regex' | 'suffix' | 'template';

/**
 * A condition on the path of a request, without its query. Writes `http[].match[].uri` of routes and `to[].operation.paths` of policies.
 *
 * @example
 * reviews.route({ match: { path: Path.prefix('/beta') }, to: 'v2' });
 */
export class Path<K extends PathKind = 'exact' | 'prefix' | 'regex'> {
  /**
   * The path is exactly this.
   * @throws {@link MeshError} `invalid-value` if it does not begin with `/`
   */
  public static exact(path: string, options: PathOptions = {}): Path<'exact'> {
    return new Path('exact', { kind: 'exact', value: withSlash(path), ...caseOf(options) });
  }

  /**
   * The path begins with this text, letter by letter as in Istio: `/cart` matches `/cart`, `/cart/1` and `/cartoon`.
   * @throws {@link MeshError} `invalid-value` if it does not begin with `/`
   */
  public static prefix(prefix: string, options: PathOptions = {}): Path<'prefix'> {
    return new Path('prefix', { kind: 'prefix', value: withSlash(prefix), ...caseOf(options) });
  }

  /**
   * The whole path matches this RE2 regular expression.
   * @throws {@link MeshError} `invalid-regex` if it is not RE2 (lookahead, backreference …)
   */
  public static regex(regex: string): Path<'regex'> {
    checkRegex(regex);
    const head = literalHead(regex);
    if (head !== '' && !head.startsWith('/')) {
      throw new MeshError({ code: 'invalid-value', problem: `no path matches "${regex}": all of them begin with "/"`, fix: 'begin it with "/", or with ".*" for anything' });
    }
    return new Path('regex', { kind: 'regex', value: regex });
  }

  /**
   * The path ends with this text, `.html`; for policies only.
   *
   * @example
   * new AccessPolicy(mesh, 'pages', { service: web, allow: [{ methods: ['GET'], path: Path.suffix('.html') }] });
   * @throws {@link MeshError} `invalid-value` if it is empty, or has what no path has
   */
  public static suffix(suffix: string): Path<'suffix'> {
    if (suffix === '') {
      throw new MeshError({ code: 'invalid-value', problem: 'the suffix of a path is empty', fix: 'leave the condition out where every path will do' });
    }
    withSlash(suffix.startsWith('/') ? suffix : `/${suffix}`);
    return new Path('suffix', { kind: 'suffix', value: suffix });
  }

  /**
   * The path has this form: `{*}` stands for one segment, `{**}`, at the end, for any number of them; for policies only.
   *
   * @example
   * new AccessPolicy(mesh, 'items', { service: cart, allow: [{ methods: ['GET'], path: Path.template('/carts/{*}/items/{**}') }] });
   * @throws {@link MeshError} `invalid-value` if Istio would not take it
   */
  public static template(template: string): Path<'template'> {
    const segments = withSlash(template).replace(/^\/|\/$/g, '').split('/');
    const wrong = segments.find((segment, index) => !(segment === '{*}' || (segment === '{**}' && index === segments.length - 1) || /^[\w.~!$&'()+,;=:@%-]*$/.test(segment)));
    if (wrong !== undefined || !template.includes('{')) {
      throw new MeshError({
        code: 'invalid-value',
        problem: wrong === undefined ? `template "${template}" has no {*} and no {**}` : `template "${template}" has the segment "${wrong}"`,
        fix: 'write whole segments: text, {*} for any one, and {**} at the end for any number; use Path.exact for a path without them',
      });
    }
    return new Path('template', { kind: 'template', value: template });
  }

  private constructor(
    /** How the path is compared. */
    public readonly kind: K,
    private readonly given: StringCondition | { readonly kind: 'suffix' | 'template'; readonly value: string },
  ) {}

  /** As routes compare it. @internal */
  public get condition(): StringCondition {
    const { kind, given } = this;
    if (kind === 'suffix' || kind === 'template') {
      throw new MeshError({ code: 'inexpressible-match', problem: `Path.${kind}("${this.pattern}") is for policies: routes cannot compare so`, fix: 'use Path.regex in routes' });
    }
    return given as StringCondition;
  }

  /** As policies compare it: one star, at the beginning or the end. @internal */
  public get pattern(): string {
    const { given, kind } = this;
    const value = 'value' in given ? given.value : '';
    const unfit = kind === 'regex' ? 'a regular expression' : 'ignoreCase' in given && given.ignoreCase ? '`ignoreCase`'
      : kind !== 'template' && /[*{}]/.test(value) ? 'one of the signs * { }' : undefined;
    if (unfit !== undefined) {
      throw new MeshError({
        code: 'inexpressible-match', problem: `the path ${JSON.stringify(value)} of a policy has ${unfit}, which AuthorizationPolicy cannot express`,
        fix: 'use Path.exact, Path.prefix, Path.suffix or Path.template',
      });
    }
    return { exact: value, prefix: `${value}*`, suffix: `*${value}`, template: value, regex: value }[kind];
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
