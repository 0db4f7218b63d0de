import type { Configuration } from '../model/configuration';
import type { Call, Outcome } from './call';
import { findChains } from './filter-chain';
import { inspect } from './inspection';
import { findListener } from './listener';
import { runFilters } from './network-filter';
import type { Resources } from './resources';
import { resourcesOf } from './resources';
import { shakeHands } from './transport';

export type { Call, Failure, Outcome } from './call';
export { NotModelled } from './modelled';
export { decideAccess } from './rbac';
export type { Visitor } from './visitor';

/**
 * Follows calls through the configuration of one proxy as Envoy would: listener, filter chain, route configuration, virtual host, route,
 * cluster. What Envoy would look at and this does not model is an error, never a guess.
 */
export class Simulation {
  private readonly resources: Resources;

  public constructor(configuration: Configuration) {
    this.resources = resourcesOf(configuration);
  }

  /** @throws NotModelled where the answer depends on something that is not modelled */
  public run(call: Call): Outcome {
    const listener = findListener(this.resources.listeners, call);
    if (!listener) {
      return { error: 'no listener matched' };
    }
    const seen = inspect(listener, call);
    const chains = findChains(listener, call, seen);
    const outcome: Outcome = { listener: listener.name };
    if (chains.length !== 1) {
      return { ...outcome, error: chains.length === 0 ? 'no filter chains matched' : 'multiple filter chains matched' };
    }
    const [chain] = chains;
    const { terminated, certificate, failure } = shakeHands(chain, call);
    const taken: Outcome = { ...outcome, ...(chain.name !== undefined && { filterChain: chain.name }), ...(certificate && { certificate }) };
    return failure ? { ...taken, error: failure } : { ...taken, ...runFilters(chain, { call, seen, terminated, tables: this.resources.tables }) };
  }
}
