import type { Construct, IConstruct } from 'constructs';
import type { VirtualServiceSpec } from '../../imports/istio/virtual-service.types';
import type { ICallable } from '../mesh-member';
import { MeshError } from '../mesh-error';
import type { RouteOptions, Redirect, Rewrite } from '../route-rule';
import type { RequestMatch } from '../request-match';
import { Inexpressible } from './condition';
import type { HostRules } from './host-rules';
import { checkRedirect, checkRewrite } from './option-checks';
import { renderHttp, uniquelyNamed } from './render-routes';
import { asFolders, through } from './rewritten';
import { headersAfter, optionSlots, type Answer, type Forward } from './route-action';
import { atGateway, reachable, RouteTable, type ComposedRoute } from './route-table';

/** Where a gateway sends requests: the rules of a host decide further. */
export interface Target {
  readonly callable: ICallable;
  readonly rules: HostRules;
  readonly port: number;
}

/** A route of a gateway in its words. */
export interface EdgeRule extends RouteOptions {
  readonly match?: RequestMatch;
  readonly target?: Target;
  readonly rewrite?: Rewrite;
  readonly redirect?: Redirect;
}

/** The routes of a gateway for some hosts, each continued by the rules of the service it leads to. */
export class GatewayRoutes {
  private readonly table: RouteTable;
  private readonly targets = new Map<Forward | Answer, Target>();

  constructor(private readonly gateway: Construct) {
    this.table = new RouteTable(gateway);
  }

  add(rule: EdgeRule): void {
    const { target, rewrite, redirect, match } = rule;
    if (redirect !== undefined) {
      checkRedirect(redirect, this.gateway);
    }
    if (rewrite !== undefined) {
      checkRewrite(rewrite, this.gateway);
    }
    const action: Forward | Answer = redirect === undefined ? { kind: 'forward', shares: [{}], rewrite } : { kind: 'redirect', redirect };
    if (target !== undefined) {
      this.targets.set(action, target);
    }
    const label = target === undefined ? 'redirect' : `route to ${target.callable.node.id}`;
    this.table.addRoute(
      { declarer: this.gateway, label, action, slots: optionSlots(rule, this.gateway) },
      { match: match && asFolders(match, rewrite) },
    );
  }

  render(): Pick<VirtualServiceSpec, 'http'> {
    return { http: uniquelyNamed(this.compose().map((route) => renderHttp(route, this.destinationOf(route)))) };
  }

  /** The routes in order. */
  compose(): ComposedRoute[] {
    return reachable(this.table.compose().flatMap((route) => this.continued(route)));
  }

  private destinationOf(route: ComposedRoute) {
    const target = this.targets.get(route.rule.action);
    return (version: string | undefined) => target!.rules.destination(version, target!.port);
  }

  /** The requests of a route, shared out by the rules of its service. */
  private continued(route: ComposedRoute): ComposedRoute[] {
    const target = this.targets.get(route.rule.action);
    if (target === undefined) {
      return [route];
    }
    const rewritten = (route.action as Forward).rewrite !== undefined;
    const parts = rewritten ? route.conditions.map((condition) => ({ ...route, conditions: [condition] })) : [route];
    const next = target.rules.compose(atGateway(target.port));
    return parts.flatMap((part) => next.flatMap((rule) => this.joined(part, rule)));
  }

  private joined(edge: ComposedRoute, service: ComposedRoute): ComposedRoute[] {
    const before = (edge.action as Forward).rewrite;
    const after = service.action.kind === 'forward' ? service.action.rewrite : undefined;
    const passages = edge.conditions.flatMap((own) => service.conditions.flatMap((condition) => {
      const passage = through({ condition: own, rewrite: before }, { condition, rewrite: after });
      if (passage instanceof Inexpressible) {
        throw this.inexpressible(passage, service.rule.declarer, service.rule.label);
      }
      return passage === undefined ? [] : [passage];
    }));
    const headers = headersAfter(edge.slots.headers, service.slots.headers);
    const slots = { ...service.slots, ...edge.slots, ...(headers && { headers }) };
    const one = (rewrite: Rewrite | undefined) => (service.action.kind === 'forward' ? { ...service.action, rewrite } : service.action);
    if (before === undefined) {
      return passages.length === 0 ? [] : [{ ...edge, slots, action: one(after), conditions: passages.map(({ condition }) => condition) }];
    }
    return passages.map(({ condition, rewrite }) => ({ ...edge, slots, action: one(rewrite), conditions: [condition] }));
  }

  private inexpressible(found: Inexpressible, declarer: IConstruct, label: string): MeshError {
    return new MeshError({
      construct: this.gateway,
      code: 'inexpressible-match',
      problem: `its route and ${label} of ${declarer.node.path} ask for two things of ${found.aspect.replace(':', ' ')}, which one Istio match cannot`,
      fix: 'let the gateway match a prefix or an exact path and the service an exact path, a prefix or headers',
    });
  }
}
