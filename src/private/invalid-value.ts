import type { IConstruct } from 'constructs';
import { MeshError } from '../mesh-error';

/** The error for a value that cannot be. The construct is undefined while the value belongs to none yet. */
export function invalid(construct: IConstruct | undefined, problem: string, fix: string): MeshError {
  return new MeshError({ construct, code: 'invalid-value', problem, fix });
}
