/** Something that the user can mend: told as a sentence, without a stack. */
export class Failure extends Error {
  public override readonly name = 'Failure';

  /** `code` 2: the command cannot be done as it is written, or not on this machine; 1: it was done and did not go well. */
  public constructor(message: string, public readonly code: 1 | 2 = 2) {
    super(message);
  }
}
