import type { Compiled } from '../../src/compile';
import { Compiler, readSwitches } from '../../src/compile';
import { Acceptance } from '../../src/control/acceptance';
import type { Problem } from '../../src/model/problem';
import type { Resource } from '../../src/model/resource';
import { Cluster, parseObject } from '../../src/source';
import type { Case } from '../cases/case';
import { asConfigMap } from '../cases/mutation';
import type { Manifest } from '../cases/mutation';

/** What became of the objects of one world. */
export interface Verdict {
  readonly compiled: Compiled;
  readonly problems: readonly Problem[];
  /** All resources by name and content: equal texts, equal bytes. */
  readonly fingerprint: string;
}

/**
 * Everything that happens to objects between a file and a proxy, one world after the other as edits make them. Throws nothing: whoever calls
 * it takes any exception for a crash.
 */
export class World {
  private readonly cluster = new Cluster();
  private readonly acceptance = new Acceptance();
  private readonly compiler: Compiler;

  public constructor(private readonly sample: Case) {
    this.compiler = new Compiler(readSwitches(sample.env));
  }

  /** Makes these the only objects. */
  public become(objects: readonly Resource[]): Verdict {
    const parsed = objects.map((object) => parseObject(asConfigMap(object as Manifest), { kind: object.kind, namespace: '', name: '' }));
    const unread = parsed.filter((one): one is Problem => !('apiVersion' in one));
    this.cluster.replace(parsed.flatMap((one) => ('apiVersion' in one ? [{ resource: one }] : [])));
    const accepted = this.acceptance.accept(this.cluster.snapshot());
    const compiled = this.compiler.compile(accepted.snapshot, this.sample.proxy);
    return { compiled, problems: [...unread, ...this.cluster.problems(), ...accepted.problems, ...compiled.problems], fingerprint: fingerprintOf(compiled) };
  }
}

function fingerprintOf({ configuration }: Compiled): string {
  return [...configuration].flatMap(([url, resources]) => [...resources.values()].map(({ name, version }) => `${url} ${name} ${version}`)).sort().join('\n');
}
