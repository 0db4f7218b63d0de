import type { Configuration } from '../model/configuration';
import type { Mesh } from '../model/mesh';
import type { Problem } from '../model/problem';
import type { Proxy } from '../model/proxy';
import type { Snapshot } from '../model/snapshot';
import type { SecretRef } from '../features/emitter';
import { InputCache } from './cache';
import { classOf } from './class-of';
import type { Encoded } from './configuration';
import { byResourceName, configurationOf, encodeOne } from './configuration';
import { EdgeCompiler } from './edge';
import { emitSecret } from './emit/secret';
import { InboundCompiler } from './inbound';
import { OutboundCompiler } from './outbound';
import { OutboundClustersCompiler } from './outbound-clusters';
import { unknownDestinations } from './problems';
import { MeshReader } from './read/mesh';
import { RuleIndex } from './rules';
import type { Scope } from './scope';
import { scopeOf, sidecarFor } from './scope';

export { parseNode } from './node';
export type { NodeInfo } from './node';

export interface Compiled {
  readonly configuration: Configuration;
  /** Those of all objects (`Compiler.problems`), and those that concern this proxy only. */
  readonly problems: readonly Problem[];
}

const NONE: Encoded = new Map();

/**
 * Turns accepted snapshots into the configuration of proxies. A pure function, with a memory: what was made of the same objects before is
 * the same result, byte by byte and object by object, so that an edit costs what it changes.
 */
export class Compiler {
  private readonly reader = new MeshReader();
  private readonly rules = new InputCache<RuleIndex>();
  private readonly scopes = new InputCache<Scope>();
  private readonly clusters = new OutboundClustersCompiler();
  private readonly outbound = new OutboundCompiler();
  private readonly inbound = new InboundCompiler();
  private readonly edge = new EdgeCompiler();
  private readonly meshProblems = new InputCache<readonly Problem[]>();

  public compile(snapshot: Snapshot, proxy: Proxy): Compiled {
    const mesh = this.reader.read(snapshot);
    const general = this.problems(snapshot);
    const { configuration, problems } = proxy.type === 'router' ? this.compileRouter(mesh, proxy) : this.compileSidecar(mesh, proxy);
    return { configuration, problems: problems.length > 0 ? [...general, ...problems] : general };
  }

  /** What is wrong with the objects of a snapshot, whoever uses them. */
  public problems(snapshot: Snapshot): readonly Problem[] {
    const mesh = this.reader.read(snapshot);
    return this.meshProblems.get('', [mesh], () => [...mesh.problems, ...unknownDestinations(mesh)]);
  }

  private compileSidecar(mesh: Mesh, proxy: Proxy): Compiled {
    const { key, proxyClass } = classOf(proxy);
    const scope = this.scope(mesh, proxy, key);
    const { clusters, secrets } = this.clusters.compileClusters(key, scope, proxyClass, mesh.settings);
    const outbound = this.outbound.compile({ key, scope, settings: mesh.settings }, mesh, proxy.addresses);
    const inbound = this.inbound.compile(mesh, proxy, { proxyClass, sidecar: scope.sidecar });
    return {
      configuration: configurationOf({
        cluster: new Map([...clusters, ...inbound.clusters]),
        endpoint: this.clusters.compileEndpoints(key, scope, proxyClass, mesh),
        listener: new Map([...outbound.listeners, [inbound.listener.name, inbound.listener]]),
        route: outbound.routes,
        secret: secretsFor(secrets, mesh, proxy),
      }),
      problems: [],
    };
  }

  private compileRouter(mesh: Mesh, proxy: Proxy): Compiled {
    const { key, proxyClass } = classOf(proxy);
    const scope = this.scope(mesh, proxy, key);
    const { clusters, secrets } = this.clusters.compileClusters(key, scope, proxyClass, mesh.settings);
    const edge = this.edge.compile({ key, mesh, proxy, scope });
    return {
      configuration: configurationOf({
        cluster: clusters,
        endpoint: this.clusters.compileEndpoints(key, scope, proxyClass, mesh),
        listener: edge.listeners,
        route: edge.routes,
        secret: secretsFor([...secrets, ...edge.secrets], mesh, proxy),
      }),
      problems: edge.problems,
    };
  }

  private scope(mesh: Mesh, proxy: Proxy, key: string): Scope {
    const client = { namespace: proxy.namespace, labels: proxy.labels };
    const sidecar = proxy.type === 'sidecar' ? sidecarFor(mesh, client) : undefined;
    const { services, virtualServices, destinationRules, settings } = mesh;
    return this.scopes.get(key, [services, virtualServices, destinationRules, settings, sidecar], () => {
      const rules = this.rules.get('', [destinationRules, settings.rootNamespace], () => new RuleIndex(destinationRules, settings.rootNamespace));
      return scopeOf(mesh, client, { rules, sidecar });
    });
  }
}

function secretsFor(refs: readonly SecretRef[], mesh: Mesh, proxy: Proxy): Encoded {
  return refs.length === 0 ? NONE : byResourceName(refs.flatMap((ref) => {
    const secret = emitSecret(ref, proxy.namespace, mesh.secrets);
    return secret ? [encodeOne('secret', secret.name ?? '', secret)] : [];
  }));
}
