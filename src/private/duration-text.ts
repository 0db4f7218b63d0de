import type { Duration } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { MeshError } from '../mesh-error';

/** A duration as Istio writes it, in seconds: `0.5s`. */
export function durationText(duration: Duration): string {
  return `${duration.toMilliseconds({ integral: false }) / 1000}s`;
}

/** The same, after making sure that Istio accepts it: whole milliseconds, at least one. */
export function positiveDuration(duration: Duration, name: string, construct: IConstruct): string {
  if (typeof duration.toMilliseconds !== 'function') {
    throw new MeshError({ construct, code: 'invalid-value', problem: `${name} must be a Duration, got ${JSON.stringify(duration)}`, fix: `write ${name} as Duration.seconds(2)` });
  }
  const millis = duration.toMilliseconds({ integral: false });
  if (!Number.isInteger(millis) || millis < 1) {
    throw new MeshError({
      construct,
      code: 'invalid-value',
      problem: `${name} must be at least one millisecond, and whole milliseconds, got ${millis} ms`,
      fix: `give ${name} as Duration.millis(1) or more`,
    });
  }
  return durationText(duration);
}
