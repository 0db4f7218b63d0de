import type { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { ExternalAuthorizer } from './external-authorizer';
import { Mesh } from './mesh';
import type { ICallable } from './mesh-member';
import { MeshService } from './mesh-service';
import { Port } from './port';
import { checkRange } from './private/access-values';
import { positiveDuration } from './private/duration-text';
import { invalid } from './private/invalid-value';
import { recordLocation } from './private/location';
import { unusedId } from './private/names';
import { checkWhole } from './private/number-range';
import { RUNTIME_IMAGE } from './sidecar';

const PORT = 9191;

/** What of a call is looked up: a header, or what the caller's connection says. Identities are written `cluster.local/ns/shop/sa/web`. */
export type ListedValue = `header:${string}` | 'method' | 'path' | 'host' | 'source.ip' | 'source.principal';

/** The list, and what it decides. */
export interface ListCheckerProps {
  /**
   * Where the list is: the address of a text with one entry a line, or of a JSON list of texts. It is asked again and again, beside the calls;
   * while it is away the last one counts, and before there was one nobody passes.
   * @default none: `entries` only
   */
  readonly list?: string;
  /**
   * The service or external service that has the list, so that the checker may call it.
   * @default the checker declares no calls
   */
  readonly from?: ICallable;
  /**
   * Entries that are on the list in any case.
   * @default none
   */
  readonly entries?: readonly string[];
  /** What of a call is looked up. */
  readonly value: ListedValue;
  /** Whether only those on the list pass (`allow`, a white list), or all but those (`deny`, a black list). */
  readonly mode: 'allow' | 'deny';
  /**
   * How entries are compared: as they are, without regard to case, or as addresses and ranges of them.
   * @default 'exact'
   */
  readonly compare?: 'exact' | 'ignore-case' | 'ip';
  /**
   * How often the list is asked for.
   * @default 30 s
   */
  readonly refresh?: Duration;
  /**
   * The status of calls that are refused.
   * @default 403
   */
  readonly status?: number;
  /**
   * What they are answered with.
   * @default 'the list does not let you pass'
   */
  readonly message?: string;
  /**
   * How many pods.
   * @default 1
   */
  readonly replicas?: number;
  /**
   * The image of the runtime, which has the program.
   * @default the image of this release
   */
  readonly image?: string;
  /**
   * The mesh, where it is not created inside it.
   * @default the mesh around it
   */
  readonly mesh?: Mesh;
}

/**
 * An authorizer that decides by a list which may change at any time, of any mesh: a MeshService with the construct's id as its name, and an
 * {@link ExternalAuthorizer} of the same name.
 *
 * @example
 * const listed = new ListChecker(mesh, 'white-list', { list: 'http://registry/', value: 'header:x-user', mode: 'allow', refresh: Duration.seconds(5) });
 * new AccessPolicy(mesh, 'listed-only', { service: cart, custom: { provider: listed.authorizer } });
 */
export class ListChecker extends Construct {
  /** What policies name. */
  public readonly authorizer: ExternalAuthorizer;
  /** The service that decides. */
  public readonly service: MeshService<'v1'>;

  /**
   * @throws {@link MeshError} `invalid-value` for a checker without a list, and for entries, times or a status that cannot be; `invalid-name`,
   * `duplicate-name` as {@link MeshService} and {@link ExternalAuthorizer}
   */
  public constructor(scope: Construct, id: string, props: ListCheckerProps) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const mesh = props.mesh ?? Mesh.of(this);
    this.check(props);
    this.service = new MeshService(this, id, {
      mesh,
      port: Port.grpc(PORT),
      versions: { v1: { image: props.image ?? RUNTIME_IMAGE, args: this.args(props), replicas: props.replicas } },
      calls: props.from && [props.from],
    });
    this.authorizer = new ExternalAuthorizer(new Construct(this, 'authorizer'), id, { mesh, protocol: 'grpc', service: this.service });
  }

  private check({ list, entries = [], value, compare, status }: ListCheckerProps): void {
    if (list === undefined && entries.length === 0) {
      throw invalid(this, 'has no list', 'give it `list`, an address, or `entries`');
    }
    if (list !== undefined && !/^https?:\/\/[^/\s]+/.test(list)) {
      throw invalid(this, `list "${list}" is no address`, 'write "http://registry.example.com/list"');
    }
    if (value.startsWith('header:') && !/^header:[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(value)) {
      throw invalid(this, `"${value}" names no header`, 'write "header:x-user"');
    }
    if (compare === 'ip') {
      entries.forEach(checkRange);
    }
    checkWhole(status ?? 403, 'status', this, { min: 400, max: 599 });
  }

  private args({ list, entries = [], value, mode, compare, refresh, status, message }: ListCheckerProps): string[] {
    const flag = (name: string, given: string | number | undefined): string[] => (given === undefined ? [] : [`--${name}`, String(given)]);
    return [
      'list-checker', ...flag('grpc', PORT), ...flag('list', list), ...entries.flatMap((entry) => flag('entry', entry)), ...flag('value', value), ...flag('mode', mode),
      ...flag('compare', compare), ...flag('refresh', refresh && positiveDuration(refresh, 'refresh', this)), ...flag('status', status), ...flag('message', message),
    ];
  }
}
