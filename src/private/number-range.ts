import type { IConstruct } from 'constructs';
import { MeshError } from '../mesh-error';

/** Refuses a percentage outside 0 to 100. */
export function checkPercent(value: number, name: string, construct: IConstruct): number {
  if (!(value >= 0 && value <= 100)) {
    throw new MeshError({
      construct, code: 'invalid-value', problem: `${name} must be a percentage from 0 to 100, got ${value}`, fix: `give ${name} in percent: 10 means one of ten`,
    });
  }
  return value;
}

/** Refuses anything but a whole number of at least `minimum`. */
export function checkWhole(value: number, name: string, construct: IConstruct, range: { readonly min: number; readonly max?: number }): number {
  if (!Number.isInteger(value) || value < range.min || value > (range.max ?? Infinity)) {
    const wanted = range.max === undefined ? `of at least ${range.min}` : `from ${range.min} to ${range.max}`;
    throw new MeshError({ construct, code: 'invalid-value', problem: `${name} must be a whole number ${wanted}, got ${value}`, fix: `change ${name}` });
  }
  return value;
}
