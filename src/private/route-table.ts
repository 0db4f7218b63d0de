import type { IConstruct } from 'constructs';
import { MeshError } from '../mesh-error';
import { alternatives, emptyList, type Scope } from './alternatives';
import {
  ALWAYS, compareSpecificity, covers, describeCondition, hasSource, Inexpressible, intersect, type Condition,
} from './condition';
import { same } from './merge';
import type { Answer, Forward, Slots } from './route-action';

/** A rule as it was declared: which requests, and what happens to them. */
export interface Rule<A> {
  /** The construct that is named when the rule is wrong. */
  readonly declarer: IConstruct;
  /** The rule in people's words: `route to v2`. */
  readonly label: string;
  readonly conditions: readonly Condition[];
  /** Undefined for a decoration. */
  readonly action: A;
  readonly slots: Slots;
}

/** One route of the merged list: it is taken by the first request that satisfies one of the conditions. */
export interface ComposedRoute {
  readonly conditions: readonly Condition[];
  readonly action: Forward | Answer;
  readonly slots: Slots;
  readonly rule: Rule<Forward | Answer>;
  /** Decorations that narrowed the conditions. */
  readonly narrowedBy: readonly Rule<undefined>[];
}

interface Piece<A> {
  readonly condition: Condition;
  readonly rule: Rule<A>;
}

type Route = Rule<Forward | Answer>;
type Overlay = Rule<undefined>;

/** All route rules and decorations of one host, and the one list of routes they make. */
export class RouteTable {
  constructor(
    private readonly owner: IConstruct,
    private routes: readonly Route[] = [],
    private overlays: readonly Overlay[] = [],
  ) {}

  get isEmpty(): boolean {
    return this.routes.length + this.overlays.length === 0;
  }

  get hasRoutes(): boolean {
    return this.routes.length > 0;
  }

  /** Adds a rule that chooses where requests go. */
  addRoute(rule: Omit<Route, 'conditions'>, scope: Scope): void {
    const added = { ...rule, conditions: conditionsOf(rule, scope) };
    const routes = [...this.routes, added];
    refuseUnreachable(routes, added);
    this.accept(routes, this.overlays);
  }

  /** Adds options for the requests in scope, wherever they go. */
  addDecoration(rule: Omit<Overlay, 'conditions' | 'action'>, scope: Scope): void {
    const added: Overlay = { ...rule, action: undefined, conditions: conditionsOf(rule, scope) };
    const overlays = [...this.overlays, added];
    for (const slot of Object.keys(added.slots)) {
      refuseUnreachable(overlays.filter((overlay) => slot in overlay.slots), added, slot);
    }
    this.accept(this.routes, overlays);
  }

  /** The merged list, most specific first, for the requests that `keep` leaves; everything else goes to `fallback`, if there is one. */
  compose(fallback?: Forward, keep: Keep = (condition) => condition): ComposedRoute[] {
    const otherwise = fallback === undefined ? [] : [{ condition: ALWAYS, rule: this.otherwise(fallback) }];
    const overlays = ordered(this.overlays, keep);
    const composed = grouped([...ordered(this.routes, keep), ...otherwise])
      .flatMap((route) => decorate(route, overlays));
    return reachable(composed);
  }

  /** Takes the rules if all of them can be written together. */
  private accept(routes: readonly Route[], overlays: readonly Overlay[]): void {
    if (overlays.length > 0) {
      new RouteTable(this.owner, routes, overlays).compose({ kind: 'forward', shares: [{}] });
    }
    this.routes = routes;
    this.overlays = overlays;
  }

  private otherwise(action: Forward): Route {
    return { declarer: this.owner, label: 'everything else', conditions: [ALWAYS], action, slots: {} };
  }

  /** The merged list for connections, of which nothing is known but the caller and the port. */
  composeConnections(fallback?: Forward, keep: Keep = (condition) => condition): ComposedRoute[] {
    return new RouteTable(this.owner, this.routes).compose(fallback, (condition) => (isAboutConnections(condition) ? keep(condition) : undefined));
  }
}

/** Narrows a condition to the requests in question, or drops it with undefined. */
export type Keep = (condition: Condition) => Condition | undefined;

const CONNECTION_ASPECTS = new Set(['port', 'namespace', 'sni', 'addresses']);

/** Whether a condition can be asked of a connection. */
function isAboutConnections(condition: Condition): boolean {
  return [...condition.keys()].every((aspect) => CONNECTION_ASPECTS.has(aspect) || aspect.startsWith('label:'));
}

/** Rules for one port, where the port is fixed otherwise. */
export function atPort(port: number): Keep {
  return (condition) => {
    const wanted = condition.get('port');
    if (wanted !== undefined && 'value' in wanted && wanted.value !== String(port)) {
      return undefined;
    }
    return wanted === undefined ? condition : new Map([...condition].filter(([aspect]) => aspect !== 'port'));
  };
}

/** The scope of callers means nothing at a gateway, and the port of the service is fixed there. */
export function atGateway(port: number): Keep {
  const keep = atPort(port);
  return (condition) => (hasSource(condition) ? undefined : keep(condition));
}

function conditionsOf(rule: { readonly declarer: IConstruct; readonly label: string }, scope: Scope): readonly Condition[] {
  const conditions = alternatives(scope);
  if (conditions instanceof Inexpressible) {
    throw inexpressible(conditions, rule.declarer, rule.label);
  }
  const empty = emptyList(scope);
  if (empty !== undefined) {
    throw new MeshError({
      construct: rule.declarer,
      code: 'unreachable-rule',
      problem: `${rule.label} can never match: \`${empty}\` is an empty list`,
      fix: `leave \`${empty}\` out where it does not matter`,
    });
  }
  if (conditions.length === 0) {
    throw new MeshError({
      construct: rule.declarer,
      code: 'unreachable-rule',
      problem: `${rule.label} can never match: its conditions exclude each other`,
      fix: 'conditions in one match must all hold; write alternatives as an array of matches',
    });
  }
  return conditions;
}

/** All conditions of all rules, most specific first, then as declared. */
function ordered<A>(rules: readonly Rule<A>[], keep: Keep): Piece<A>[] {
  return rules
    .flatMap((rule) => rule.conditions.flatMap((condition) => {
      const kept = keep(condition);
      return kept === undefined ? [] : [{ condition: kept, rule }];
    }))
    .sort((a, b) => compareSpecificity(a.condition, b.condition));
}

/** Neighbouring pieces of one rule are one route with several matches. */
function grouped(pieces: readonly Piece<Forward | Answer>[]): ComposedRoute[] {
  const groups: { rule: Route; conditions: Condition[] }[] = [];
  for (const { rule, condition } of pieces) {
    const last = groups.at(-1);
    if (last?.rule === rule) {
      last.conditions.push(condition);
    } else {
      groups.push({ rule, conditions: [condition] });
    }
  }
  return groups.map(({ rule, conditions }) => ({ rule, conditions, action: rule.action, slots: rule.slots, narrowedBy: [] }));
}

/** Splits a route by the decorations it overlaps with: the overlapping part first, decorated, then the rest. A narrower decoration wins. */
function decorate(route: ComposedRoute, overlays: readonly Piece<undefined>[]): ComposedRoute[] {
  return overlays.reduce<ComposedRoute[]>((segments, overlay) => joined(segments.flatMap((segment) => split(segment, overlay))), [route]);
}

function split(segment: ComposedRoute, { condition, rule }: Piece<undefined>): ComposedRoute[] {
  const slots = { ...rule.slots, ...segment.slots };
  if (Object.keys(slots).length === Object.keys(segment.slots).length) {
    return [segment];
  }
  const overlap = segment.conditions.flatMap((own) => {
    const both = intersect(own, condition);
    if (both instanceof Inexpressible) {
      const others = [segment.rule, ...segment.narrowedBy].map((other) => `${other.label} of ${other.declarer.node.path}`);
      throw inexpressible(both, rule.declarer, `${rule.label}, where it meets ${others.join(' and ')}`);
    }
    return both === undefined ? [] : [both];
  });
  const rest = segment.conditions.filter((own) => !covers(condition, own));
  return [
    ...(overlap.length > 0 ? [{ ...segment, conditions: overlap, slots, narrowedBy: [...segment.narrowedBy, rule] }] : []),
    ...(rest.length > 0 ? [{ ...segment, conditions: rest }] : []),
  ];
}

/** Neighbours that do the same become one again. */
function joined(segments: readonly ComposedRoute[]): ComposedRoute[] {
  return segments.reduce<ComposedRoute[]>((list, segment) => {
    const last = list.at(-1);
    if (last !== undefined && last.rule === segment.rule && same(last.slots, segment.slots)) {
      list[list.length - 1] = { ...last, conditions: [...last.conditions, ...segment.conditions] };
    } else {
      list.push(segment);
    }
    return list;
  }, []);
}

/** Leaves out what an earlier route takes anyway. */
export function reachable(routes: readonly ComposedRoute[]): ComposedRoute[] {
  const taken: Condition[] = [];
  return routes.flatMap((route) => {
    const conditions = route.conditions.filter((condition) => {
      const free = !taken.some((earlier) => covers(earlier, condition));
      if (free) {
        taken.push(condition);
      }
      return free;
    });
    return conditions.length === 0 ? [] : [{ ...route, conditions }];
  });
}

/** Two rules of which one can never match are a mistake in one of them. */
function refuseUnreachable<A>(rules: readonly Rule<A>[], added: Rule<A>, slot?: string): void {
  if (rules.length === 1) {
    return;
  }
  const pieces = ordered(rules, (condition) => condition);
  for (const [index, later] of pieces.entries()) {
    const earlier = pieces.slice(0, index).find((piece) =>
      piece.rule !== later.rule && (piece.rule === added || later.rule === added) && covers(piece.condition, later.condition));
    if (earlier !== undefined) {
      throw unreachable(earlier, later, added, slot);
    }
  }
}

function unreachable<A>(earlier: Piece<A>, later: Piece<A>, added: Rule<A>, slot: string | undefined): MeshError {
  const name = (piece: Piece<A>): string => `${piece.rule.declarer.node.path} (${piece.rule.label})`;
  const what = slot === undefined ? 'rules' : `values for ${slot}`;
  const both = covers(later.condition, ALWAYS);
  return new MeshError({
    construct: added.declarer,
    code: 'unreachable-rule',
    problem: both
      ? `two ${what} without a condition: ${name(earlier)} and ${name(later)}; the second can never match`
      : `${name(later)} can never match: ${name(earlier)} already takes ${describeCondition(later.condition)}`,
    fix: both ? 'give one of them a `match` or a `from`, or take it away' : 'narrow the first, or take the second away',
  });
}

function inexpressible(found: Inexpressible, construct: IConstruct, label: string): MeshError {
  return new MeshError({
    construct,
    code: 'inexpressible-match',
    problem: `${label}: Istio cannot ask for two conditions on ${found.aspect.replace(':', ' ')} in one match`,
    fix: 'write the one condition that says both, as an exact text, a longer prefix or one regex',
  });
}
