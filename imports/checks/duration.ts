const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n, us: 1_000n, 'µs': 1_000n, 'μs': 1_000n, ms: 1_000_000n, s: 1_000_000_000n, m: 60_000_000_000n, h: 3_600_000_000_000n,
};
const PART = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/y;
const LONGEST = 64;
const LARGEST = 2n ** 63n - 1n;

/** Nanoseconds of a duration as Go's time.ParseDuration reads it (`1h30m`, `-1.5s`, `250ms`); undefined where it is none. */
export function parseDuration(text: string): bigint | undefined {
  const [, sign, rest] = /^([-+]?)(.*)$/s.exec(text)!;
  if (rest === '0') {
    return 0n;
  }
  if (rest === '' || rest.length > LONGEST) {
    return undefined;
  }
  let total = 0n;
  for (PART.lastIndex = 0; PART.lastIndex < rest.length;) {
    const [, whole, fraction = '', unit] = PART.exec(rest) ?? [];
    if (unit === undefined || (whole === '' && fraction === '')) {
      return undefined;
    }
    total += BigInt(whole || '0') * NANOSECONDS[unit] + fractionOf(fraction, NANOSECONDS[unit]);
  }
  const most = sign === '-' ? LARGEST + 1n : LARGEST;
  if (total > most) {
    return undefined;
  }
  return sign === '-' ? -total : total;
}

/** As Go computes it: in floating point, without the digits that do not fit 63 bits. */
function fractionOf(fraction: string, unit: bigint): bigint {
  const digits = fraction.slice(0, BigInt(fraction.slice(0, 19) || '0') <= LARGEST ? 19 : 18);
  return BigInt(Math.trunc(Number(digits) * (Number(unit) / 10 ** digits.length)));
}
