import type { IConstruct } from 'constructs';
import { MeshError } from '../mesh-error';

/** A service account, which is what workloads are known by. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
}

export interface AccountProps {
  readonly construct: IConstruct;
  readonly namespace: string;
  /** Undefined where nobody told us. */
  readonly name: string | undefined;
  readonly perVersion: boolean;
  readonly versions: readonly string[];
  /** What the pods of an existing workload say themselves; asked for at synth. */
  readonly ofWorkload: (version: string) => string | undefined;
}

/** The accounts of a service's pods: one for all of them, or one for each version. */
export class Accounts {
  constructor(private readonly props: AccountProps) {}

  /** The account of a version, unless its workload brings its own. */
  nameOf(version: string): string {
    const { name, perVersion, construct } = this.props;
    return perVersion ? `${name ?? construct.node.id}-${version}` : name ?? construct.node.id;
  }

  /** The accounts to write, by what tells their ids apart. */
  written(): readonly { readonly suffix: string; readonly name: string }[] {
    const { perVersion, versions, name, construct } = this.props;
    return perVersion ? versions.map((version) => ({ suffix: `-${version}`, name: this.nameOf(version) })) : [{ suffix: '', name: name ?? construct.node.id }];
  }

  /** Whether pods may run as this account, as far as is known. */
  mayBe(account: string): boolean {
    const { versions, name } = this.props;
    return name === undefined || name === account || versions.some((version) => this.nameOf(version) === account || this.props.ofWorkload(version) === account);
  }

  /** Whose calls are those of a version, or of all of them. */
  of(version: string | undefined, asker: IConstruct): readonly Account[] {
    const { namespace, versions, name, construct } = this.props;
    const real = (one: string): string => this.props.ofWorkload(one) ?? this.nameOf(one);
    if (name === undefined) {
      throw new MeshError({
        construct: asker, code: 'invalid-value', problem: `the service account of ${construct.node.id} is not known, because somebody else deploys its pods`,
        fix: 'give it `serviceAccount`, the account that its pods run as',
      });
    }
    const accounts = versions.length === 0 ? [name] : versions.map(real);
    const wanted = version === undefined ? [...new Set(accounts)] : [real(version)];
    const shared = version === undefined ? undefined : versions.find((other) => other !== version && real(other) === wanted[0]);
    if (shared !== undefined) {
      throw new MeshError({
        construct: asker,
        code: 'inexpressible-feature',
        problem: `a policy cannot tell version ${version} of ${construct.node.id} from ${shared}: both run as ${wanted[0]}`,
        fix: `give ${construct.node.id} \`accountPerVersion: true\``,
      });
    }
    return wanted.map((one) => ({ namespace, name: one }));
  }
}

/** As AuthorizationPolicy names an account. */
export function principalOf({ namespace, name }: Account, trustDomain: string): string {
  return `${trustDomain}/ns/${namespace}/sa/${name}`;
}
