import type { Duration } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { MeshError } from '../mesh-error';
import { positiveDuration } from './duration-text';
import { checkPercent, checkWhole } from './number-range';

const LARGEST = 4294967295;

/** Reads the numbers, times and shares of a policy's props, and refuses what Istio or Envoy would. What is not given stays undefined. */
export class Limits<P extends object> {
  constructor(private readonly construct: IConstruct, private readonly props: P) {}

  /** A whole number. */
  count(name: keyof P & string, min = 1): number | undefined {
    const value = this.props[name];
    return value === undefined ? undefined : checkWhole(value as number, name, this.construct, { min, max: LARGEST });
  }

  /** A time of at least a millisecond. */
  time(name: keyof P & string): string | undefined {
    const value = this.props[name];
    return value === undefined ? undefined : positiveDuration(value as Duration, name, this.construct);
  }

  /** A whole percentage. */
  percent(name: keyof P & string): number | undefined {
    const value = this.props[name];
    return value === undefined ? undefined : checkPercent(checkWhole(value as number, name, this.construct, { min: 0, max: 100 }), name, this.construct);
  }

  /** Refuses a policy that says nothing. */
  refuseEmpty(policy: object, such: string): void {
    if (Object.keys(policy).length === 0) {
      throw new MeshError({ construct: this.construct, code: 'invalid-value', problem: 'sets no limit', fix: `give it at least one, such as ${such}` });
    }
  }
}

/** A group of fields, undefined if it has none. */
export function group<T extends object>(fields: T): T | undefined {
  const set = Object.entries(fields).filter(([, value]) => value !== undefined);
  return set.length === 0 ? undefined : Object.fromEntries(set) as T;
}
