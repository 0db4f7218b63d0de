/** Something of Envoy's configuration that would decide about a call, and that is not modelled here. A wrong answer would be worse. */
export class NotModelled extends Error {
  public constructor(what: string, public readonly reason = 'the simulation does not model it') {
    super(`${what}: ${reason}`);
  }
}

/** @throws NotModelled for a field that neither decides nothing nor is looked at by whoever asks */
export function modelled<T extends object>(message: T, where: string, { decides, ignored = [] }: {
  /** Fields that the caller looks at. */
  readonly decides: readonly (keyof T)[];
  /** Fields that change how something is done, but not where a call goes. */
  readonly ignored?: readonly (keyof T)[];
}): T {
  for (const field of Object.keys(message) as (keyof T)[]) {
    if (message[field] !== undefined && !decides.includes(field) && !ignored.includes(field)) {
      throw new NotModelled(`${where}.${String(field)}`);
    }
  }
  return message;
}
