import { Yaml } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { MeshConfigSpecExtensionProviders } from '../../imports/istio/mesh-config.types';
import { MeshError } from '../mesh-error';
import { AppRegistry } from './app-registry';
import { defined } from './merge';

const SETTINGS = Symbol('settings');
const DEFAULT_TRUST_DOMAIN: string = 'cluster.local';
interface Settled extends IConstruct {
  [SETTINGS]?: MeshSettings;
}

/** An authorizer that policies may name, and the service behind it where the App knows it. */
interface Provider {
  readonly declarer: IConstruct;
  /** Undefined where somebody else declares it. */
  readonly config?: MeshConfigSpecExtensionProviders;
}

/**
 * What only Istio's MeshConfig can say. With our runtime the ConfigMap `istio` is ours; an Istio in the cluster reads a ConfigMap of its own
 * beside that of its installer, if it is told the name (`SHARED_MESH_CONFIG`). See docs/decisions/001.
 */
export class MeshSettings {
  static of(construct: IConstruct): MeshSettings {
    const root: Settled = construct.node.root;
    root[SETTINGS] ??= new MeshSettings();
    return root[SETTINGS];
  }

  trustDomain = DEFAULT_TRUST_DOMAIN;
  trustDomainAliases: readonly string[] = [];
  private readonly providers = new Map<string, Provider>();

  addProvider(name: string, provider: Provider): void {
    const other = this.providers.get(name);
    if (other !== undefined) {
      throw new MeshError({
        construct: provider.declarer, code: 'duplicate-name', problem: `an authorizer called ${name} is already declared by ${other.declarer.node.path}`,
        fix: 'use the one that is there, or another name: the whole mesh shares these names',
      });
    }
    this.providers.set(name, provider);
    AppRegistry.of(provider.declarer).changes += 1;
  }

  get providerNames(): readonly string[] {
    return [...this.providers.keys()];
  }

  /** The providers that are ours to write. */
  extensionProviders(): readonly MeshConfigSpecExtensionProviders[] {
    return [...this.providers.values()].flatMap(({ config }) => (config === undefined ? [] : [config]));
  }

  /** The whole MeshConfig of our own control plane. */
  meshConfig(rootNamespace: string): string {
    return Yaml.stringify({
      rootNamespace,
      trustDomain: this.trustDomain,
      ...defined({ trustDomainAliases: this.trustDomainAliases.length > 0 ? [...this.trustDomainAliases] : undefined }),
      ...this.shared(),
    });
  }

  /** What is said beyond Istio's defaults, in the words of the constructs. */
  ownSettings(): readonly string[] {
    return [
      ...(this.trustDomain === DEFAULT_TRUST_DOMAIN ? [] : ['`trustDomain`']), ...(this.trustDomainAliases.length === 0 ? [] : ['`trustDomainAliases`']),
      ...(this.providers.size === 0 ? [] : [`the authorizer ${this.providerNames.join(', ')}`]),
    ];
  }

  /** What an Istio that somebody else installed has to be told. */
  sharedConfig(): string {
    return Yaml.stringify(this.shared());
  }

  private shared(): object {
    const extensionProviders = this.extensionProviders();
    return extensionProviders.length > 0 ? { extensionProviders } : {};
  }
}
