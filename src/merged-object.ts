import type { ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { DestinationRule } from '../imports/istio/destination-rule';
import type { DestinationRuleSpec } from '../imports/istio/destination-rule.types';
import { VirtualService } from '../imports/istio/virtual-service';
import type { VirtualServiceSpec } from '../imports/istio/virtual-service.types';
import { AppRegistry } from './private/app-registry';
import { lateSpec } from './private/late-spec';
import { merge } from './private/merge';
import { printPlain } from './private/plain-print';

/** What a merged object is made of. @internal */
export interface MergedProps<S> {
  readonly metadata: ApiObjectMetadata;
  /** Called when the object is printed, after everybody has added to it. */
  readonly render: () => S;
}

/**
 * The one VirtualService of a host, in which all rules meet. An ordinary ApiObject: `addJsonPatch` works, on what the rules made.
 *
 * @example
 * reviews.virtualService.addJsonPatch(JsonPatch.add('/spec/http/0/newField', 1));
 */
export class MergedVirtualService extends VirtualService {
  private readonly overrides: Partial<VirtualServiceSpec>[];

  /** @internal */
  public constructor(scope: Construct, id: string, props: MergedProps<VirtualServiceSpec>) {
    const overrides: Partial<VirtualServiceSpec>[] = [];
    super(scope, id, { metadata: props.metadata, spec: joined(scope, props.render, overrides) });
    this.overrides = overrides;
  }

  /**
   * Lays Istio's own fields over what the rules made: objects are joined, lists replaced. The result is checked at synth.
   * @returns this object
   */
  public spec(fields: Partial<VirtualServiceSpec>): this {
    this.overrides.push(fields);
    AppRegistry.of(this).changes += 1;
    return this;
  }

  /** @internal */
  public override toJson(): unknown {
    return printPlain(this) ?? super.toJson();
  }
}

/**
 * The one DestinationRule of a host, in which all policies meet, with a subset for each version. An ordinary ApiObject.
 *
 * @example
 * reviews.destinationRule.spec({ trafficPolicy: { connectionPool: { http: { idleTimeout: '30s' } } } });
 */
export class MergedDestinationRule extends DestinationRule {
  private readonly overrides: Partial<DestinationRuleSpec>[];

  /** @internal */
  public constructor(scope: Construct, id: string, props: MergedProps<DestinationRuleSpec>) {
    const overrides: Partial<DestinationRuleSpec>[] = [];
    super(scope, id, { metadata: props.metadata, spec: joined(scope, props.render, overrides) });
    this.overrides = overrides;
  }

  /**
   * Lays Istio's own fields over what the policies made: objects are joined, lists replaced. The result is checked at synth.
   * @returns this object
   */
  public spec(fields: Partial<DestinationRuleSpec>): this {
    this.overrides.push(fields);
    AppRegistry.of(this).changes += 1;
    return this;
  }

  /** @internal */
  public override toJson(): unknown {
    return printPlain(this) ?? super.toJson();
  }
}

function joined<S extends object>(scope: Construct, render: () => S, overrides: readonly Partial<S>[]): S {
  return lateSpec(scope, () => overrides.reduce<S>((spec, fields) => merge(spec, fields), render()));
}
