/** Takes note of what is wrong at a path of the object. */
export type Tell = (path: string, message: string) => void;

/** At each entry of a list. */
export function each<T>(list: readonly T[] | undefined, path: string, look: (entry: T, path: string, index: number) => void): void {
  list?.forEach((entry, index) => look(entry, `${path}[${index}]`, index));
}

/** Whether nothing of an object is written. A list without entries is nothing. */
export function isEmpty(object: object): boolean {
  return Object.values(object).every((value) => value === undefined || (Array.isArray(value) && value.length === 0));
}
