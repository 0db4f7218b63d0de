import type { Cookie } from './cookie';
import type { Header } from './header';
import type { Path } from './path';
import type { Query } from './query';
import type { StringMatch } from './string-match';

/**
 * Conditions on a request; all of them must hold. Where one is an array of alternatives (`path`, `method`), any of them may.
 * An array of matches is an OR. Writes `http[].match[]`.
 *
 * @example
 * reviews.route({ match: [{ path: Path.prefix('/beta') }, { query: [Query.exact('ring', 'beta')] }], to: { v1: 20, v2: 80 } });
 */
export interface RequestMatch {
  /**
   * The path, or several of which one must match.
   * @default every path
   */
  readonly path?: Path | readonly Path[];
  /**
   * Headers, all of which must match.
   * @default whatever the headers
   */
  readonly headers?: readonly Header[];
  /**
   * Cookies. Istio can express one per match.
   * @default whatever the cookies
   */
  readonly cookies?: readonly Cookie[];
  /**
   * Query parameters, all of which must match.
   * @default whatever the query
   */
  readonly query?: readonly Query[];
  /**
   * The method, `GET`, or several of which one must match.
   * @default every method
   */
  readonly method?: string | StringMatch | readonly (string | StringMatch)[];
  /**
   * The host that the client asks for, as in the header `Host`: a text, or a pattern.
   * @default every host
   */
  readonly authority?: string | StringMatch;
  /**
   * The scheme, `http` or `https`.
   * @default every scheme
   */
  readonly scheme?: string | StringMatch;
  /**
   * The port of the service, where it has several.
   * @default every port
   */
  readonly port?: number;
}
