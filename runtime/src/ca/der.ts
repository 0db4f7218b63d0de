const SEQUENCE = 0x30;
/** Certificates tell years from 2050 on in another form (RFC 5280, 4.1.2.5). */
const LONG_YEARS = 2050;

/** One element of DER. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const length = contents.reduce((sum, { length: one }) => sum + one, 0);
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(length)]), ...contents]);
}

export function sequence(...contents: readonly Uint8Array[]): Buffer {
  return element(SEQUENCE, ...contents);
}

/** `UTCTime` or `GeneralizedTime`, in whole seconds. */
export function time(date: Date): Buffer {
  const text = date.toISOString().replace(/\.\d+|[-:T]/g, '');
  return date.getUTCFullYear() < LONG_YEARS ? element(0x17, Buffer.from(text.slice(2))) : element(0x18, Buffer.from(text));
}

/** The first element inside of another, as it stands there. The bytes have been read as what they are before. */
export function firstInside(outer: Uint8Array): Uint8Array {
  const { start } = header(outer, 0);
  return outer.subarray(start, header(outer, start).end);
}

function header(bytes: Uint8Array, at: number): { readonly start: number; readonly end: number } {
  const first = bytes[at + 1]!;
  const more = first < 0x80 ? 0 : first - 0x80;
  const length = more === 0 ? first : bytes.subarray(at + 2, at + 2 + more).reduce((sum, byte) => sum * 256 + byte, 0);
  const start = at + 2 + more;
  return { start, end: start + length };
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 + bytes.length, ...bytes];
}
