import type { IConstruct } from 'constructs';
import { locationOf, stackHere, userFrame, userFrames } from './private/location';

/** What kind of mistake a {@link MeshError} reports. Stable: tools may switch on it. */
export type MeshErrorCode =
  | 'invalid-name'
  | 'invalid-value'
  | 'invalid-regex'
  | 'invalid-weights'
  | 'duplicate-name'
  | 'duplicate-host'
  | 'conflicting-policy'
  | 'unreachable-rule'
  | 'inexpressible-match'
  | 'inexpressible-feature'
  | 'missing-listener'
  | 'missing-mesh'
  | 'unknown-host'
  | 'unsupported-workload'
  | 'invalid-resource';

/** What a {@link MeshError} is made of. */
export interface MeshErrorProps {
  /** The kind of mistake. */
  readonly code: MeshErrorCode;
  /** What is wrong, with the value that was given. */
  readonly problem: string;
  /** What to do about it, one sentence. */
  readonly fix: string;
  /**
   * The construct that is wrong.
   * @default none: the mistake is in a value that belongs to no construct yet
   */
  readonly construct?: IConstruct;
}

/**
 * A mistake in a mesh, reported while the program runs or at synth: what is wrong, which construct, where it was written, and what to do.
 *
 * ```text
 * reviews: weights must add up to 100, got 110 (v1 100, v3 10)
 *     bookinfo/mesh/reviews, main.ts:21
 *     change the weights of v1 and v3 so that they do
 * ```
 */
export class MeshError extends Error {
  /** The kind of mistake. */
  public readonly code: MeshErrorCode;
  /** The construct's path in the tree, as in `bookinfo/mesh/reviews-canary`; undefined when no construct is concerned. */
  public readonly path?: string;
  /** The line that is wrong, as in `main.ts:21`; for mistakes found at synth, where the construct was created. */
  public readonly location?: string;
  /** What is wrong. */
  public readonly problem: string;
  /** What to do about it. */
  public readonly fix: string;

  public constructor(props: MeshErrorProps) {
    const path = props.construct?.node.path;
    const here = stackHere();
    const location = userFrame(here) ?? (props.construct && locationOf(props.construct));
    const where = [path, location].filter((part) => part !== undefined).join(', ');
    const subject = props.construct === undefined ? '' : `${props.construct.node.id}: `;
    super([`${subject}${props.problem}`, where, props.fix].filter((line) => line !== '').join('\n    '));
    this.name = 'MeshError';
    this.code = props.code;
    this.path = path;
    this.location = location;
    this.problem = props.problem;
    this.fix = props.fix;
    this.showOnlyWhatHelps(here);
  }

  /** Node prints the stack and every enumerable field of an error that nobody catches; people need the message and their own lines. */
  private showOnlyWhatHelps(here: Error): void {
    this.stack = [`${this.name}: ${this.message}`, ...userFrames(here)].join('\n');
    for (const field of ['name', 'code', 'path', 'location', 'problem', 'fix']) {
      Object.defineProperty(this, field, { enumerable: false });
    }
  }
}
