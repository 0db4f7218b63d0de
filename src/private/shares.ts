import type { IConstruct } from 'constructs';
import { MeshError } from '../mesh-error';
import type { Share } from './route-action';

/** A version as routing sees it. */
export interface VersionInfo {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** How many pods it has, as far as is known. */
  readonly replicas: number;
}

/** `v1`, or `{ v1: 20, v2: 80 }`, as shares; weights must add up to 100. */
export function sharesOf(to: string | Readonly<Record<string, number | undefined>> | undefined, construct: IConstruct): Share[] {
  if (to === undefined) {
    return [{}];
  }
  if (typeof to === 'string') {
    return [{ version: to }];
  }
  const shares = Object.entries(to).flatMap(([version, weight]) => (weight === undefined ? [] : [{ version, weight }]));
  const list = (): string => shares.map(({ version, weight }) => `${version} ${weight}`).join(', ');
  const wrong = shares.find(({ weight }) => !Number.isInteger(weight) || weight < 0 || weight > 100);
  if (wrong !== undefined) {
    throw new MeshError({
      construct,
      code: 'invalid-weights',
      problem: `weights must be whole percentages from 0 to 100, got ${list()}`,
      fix: `change the weight of ${wrong.version}`,
    });
  }
  const sum = shares.reduce((total, { weight }) => total + weight, 0);
  if (sum !== 100) {
    throw new MeshError({
      construct,
      code: 'invalid-weights',
      problem: `weights must add up to 100, got ${sum} (${list()})`,
      fix: `change the weights of ${shares.map(({ version }) => version).join(' and ') || 'its versions'} so that they do`,
    });
  }
  return shares;
}

/** Every version by the number of its pods, as Kubernetes would spread requests; the largest remainders get what is left to 100. */
export function defaultShares(versions: readonly VersionInfo[]): Share[] {
  if (versions.length === 1) {
    return [{ version: versions[0].name }];
  }
  const total = versions.reduce((sum, { replicas }) => sum + replicas, 0);
  const exact = versions.map(({ replicas }) => (total === 0 ? 100 / versions.length : 100 * replicas / total));
  const weights = exact.map(Math.floor);
  const rest = 100 - weights.reduce((sum, weight) => sum + weight, 0);
  const byRemainder = exact.map((value, index) => ({ index, remainder: value - weights[index] })).sort((a, b) => b.remainder - a.remainder);
  for (const { index } of byRemainder.slice(0, rest)) {
    weights[index] += 1;
  }
  return versions.map(({ name }, index) => ({ version: name, weight: weights[index] }));
}

/** For people: `to v2`, `to v1 90 and v3 10`. */
export function describeShares(shares: readonly Share[]): string {
  const parts = shares.map(({ version, weight }) => [version ?? 'every version', weight].filter((part) => part !== undefined).join(' '));
  return `to ${parts.join(' and ')}`;
}
