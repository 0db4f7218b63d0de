import type { LocatedProblem } from '../../engine/wire';
import { formatProblem } from '../problem-text';

/** Tells each problem once, when it comes, and again when it comes back. */
export class ProblemTeller {
  private told = new Set<string>();

  public constructor(private readonly out: NodeJS.WritableStream) {}

  public tell(problems: readonly LocatedProblem[]): void {
    const lines = new Set(problems.map(formatProblem));
    for (const line of lines) {
      if (!this.told.has(line)) {
        this.out.write(`${line}\n`);
      }
    }
    this.told = lines;
  }
}
