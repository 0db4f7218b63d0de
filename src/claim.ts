import { MeshError } from './mesh-error';
import { checkRegex } from './private/regex';
import type { StringCondition } from './private/string-condition';

/** The name of a claim, or the names on the way to it: `['realm_access', 'roles']`. */
export type ClaimPath = string | readonly string[];

/**
 * A condition on what a user's token says, of a token that a {@link JwtAuthentication} has accepted. A claim that is a list satisfies it with
 * any of its items. At gateways it chooses routes, in policies it lets in.
 *
 * @example
 * edge.route(cart, { path: Path.prefix('/cart'), claims: [Claim.exact('group', 'testers')] });
 */
export class Claim {
  /** The claim, or one of its items, is exactly this. */
  public static exact(claim: ClaimPath, value: string): Claim {
    return new Claim(claim, { kind: 'exact', value });
  }

  /**
   * The claim, or one of its items, begins with this.
   * @throws {@link MeshError} `invalid-value` if the prefix is empty
   */
  public static prefix(claim: ClaimPath, prefix: string): Claim {
    if (prefix === '') {
      throw new MeshError({ code: 'invalid-value', problem: `the prefix for claim "${String(claim)}" is empty`, fix: 'use Claim.present(claim) for any value' });
    }
    return new Claim(claim, { kind: 'prefix', value: prefix });
  }

  /**
   * The claim, or one of its items, matches this RE2 regular expression as a whole; for routes only.
   * @throws {@link MeshError} `invalid-regex` if it is not RE2
   */
  public static regex(claim: ClaimPath, regex: string): Claim {
    checkRegex(regex);
    return new Claim(claim, { kind: 'regex', value: regex });
  }

  /** The token has this claim, whatever it says. */
  public static present(claim: ClaimPath): Claim {
    return new Claim(claim, { kind: 'present' });
  }

  /** There is no token, or it does not have this claim. */
  public static absent(claim: ClaimPath): Claim {
    return new Claim(claim, { kind: 'absent' });
  }

  /**
   * There is no token, or its claim says something else; of a list, no item does.
   *
   * @example
   * new AccessPolicy(mesh, 'admins', { gateway: edge, deny: [{ path: Path.prefix('/admin'), when: [Claim.not(Claim.exact('group', 'admins'))] }] });
   * @throws {@link MeshError} `invalid-value` for Claim.present, Claim.absent and Claim.not, which say so themselves
   */
  public static not(claim: Claim): Claim {
    const than = claim.condition;
    if (!('value' in than)) {
      throw new MeshError({ code: 'invalid-value', problem: `Claim.not of a claim that is ${than.kind}`, fix: 'use Claim.absent or Claim.present, or the claim itself' });
    }
    return new Claim(claim.path, { kind: 'not', than });
  }

  /** The names on the way to the claim. */
  public readonly path: readonly string[];

  private constructor(claim: ClaimPath, private readonly given: StringCondition) {
    this.path = typeof claim === 'string' ? [claim] : claim;
    const wrong = this.path.find((name) => name === '' || /[[\]]/.test(name));
    if (this.path.length === 0 || wrong !== undefined) {
      throw new MeshError({ code: 'invalid-value', problem: `"${this.path.join(', ')}" names no claim`, fix: 'give its name, or a list of names for one within another: [\'realm_access\', \'roles\']' });
    }
  }

  /** @internal */
  public get condition(): StringCondition {
    return this.given;
  }

  /** `[realm_access][roles]`, as Istio writes a path of claims. @internal */
  public get brackets(): string {
    return this.path.map((name) => `[${name}]`).join('');
  }
}
