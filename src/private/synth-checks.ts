import type { ApiObject } from 'cdk8s';
import type { IConstruct, IValidation } from 'constructs';
import type { checkResource, Violation } from '../../imports/checks';
import type { unreachableRules } from '../../imports/checks/unreachable';
import type { VirtualServiceSpec } from '../../imports/istio/virtual-service.types';
import { AppRegistry } from './app-registry';
import { GatewayChecks } from './gateway-checks';
import { producedSpec } from './late-spec';
import { locationOf } from './location';
import { isPlain } from './merge';
import { patchesOf } from './object-internals';
import { sameItems, surveyOf, type Survey } from './object-survey';
import type { Print, PrintedObject } from './printed-object';
import { ReferenceChecks } from './reference-checks';
import { regexProblem } from './regex';
import { SecurityChecks } from './security-checks';

/** Checks at synth every Istio and Gateway API object of an App, whoever made it: see {@link SynthChecks}. */
export function addSynthChecks(root: IConstruct): void {
  root.node.addValidation(new SynthChecks(root));
}

interface Checked {
  readonly changes: number;
  readonly patches: number;
  readonly json: PrintedObject;
  readonly errors: string[];
}

/**
 * The checks of an App. cdk8s validates the whole App again for every chart it prints, so results are kept, but only until the running
 * program pauses, and only while nothing that we know of changed.
 */
class SynthChecks implements IValidation {
  private results = new Map<ApiObject, Checked>();
  private survey?: Survey;
  private references?: { readonly changes: number; readonly patches: number; readonly errors: ReadonlyMap<ApiObject, string[]> };
  private readonly watched = new WeakSet<ApiObject>();
  private readonly registry: AppRegistry;
  private forgetting = false;

  constructor(private readonly root: IConstruct) {
    this.registry = AppRegistry.of(root);
  }

  /** cdk8s asks the root first, so objects found here are asked in the same pass and report under their own paths. */
  validate(): string[] {
    this.forgetLater();
    const constructs = this.root.node.findAll();
    if (this.survey === undefined || !sameItems(this.survey.constructs, constructs)) {
      this.survey = surveyOf(constructs);
      this.survey.checked.forEach((object) => this.watch(object));
      this.references = undefined;
    }
    this.checkReferences(this.survey.objects);
    return this.survey.twins;
  }

  private watch(object: ApiObject): void {
    if (!this.watched.has(object)) {
      this.watched.add(object);
      object.node.addValidation({ validate: () => this.errorsOf(object) });
    }
  }

  private errorsOf(object: ApiObject): string[] {
    return [...this.check(object).errors, ...(this.references?.errors.get(object) ?? [])];
  }

  private check(object: ApiObject): Checked {
    const { changes } = this.registry;
    const patches = patchesOf(object);
    const known = this.results.get(object);
    if (known?.changes === changes && known.patches === patches) {
      return known;
    }
    const checked = { changes, patches, ...checkObject(object) };
    this.results.set(object, checked);
    return checked;
  }

  private checkReferences(objects: readonly ApiObject[]): void {
    const { changes } = this.registry;
    const patches = objects.reduce((sum, object) => sum + patchesOf(object), 0);
    if (this.references?.changes !== changes || this.references.patches !== patches) {
      const print: Print = (object) => this.check(object).json;
      const errors = new Map(new ReferenceChecks(this.registry).errors(objects, print));
      const further = [new GatewayChecks(this.registry).errors(objects, print), new SecurityChecks(this.registry, this.registry.rootNamespaces).errors(objects, print)];
      further.flatMap((found) => [...found]).forEach(([object, found]) => errors.set(object, [...errors.get(object) ?? [], ...found]));
      this.references = { changes, patches, errors };
    }
  }

  private forgetLater(): void {
    if (!this.forgetting) {
      this.forgetting = true;
      queueMicrotask(() => {
        this.results = new Map();
        this.survey = undefined;
        this.references = undefined;
        this.forgetting = false;
      });
    }
  }
}

/** Rules that cannot be written together, and patches that do not fit, show when an object is printed: they are reported like the rest. */
function checkObject(object: ApiObject): Pick<Checked, 'json' | 'errors'> {
  try {
    const json = printed(object);
    const violations = violationsOf(object, json);
    return { json, errors: [...violations, ...violations.length > 0 ? [] : unreachableErrors(object, json), ...regexErrors(object, json)] };
  } catch (error) {
    const { apiVersion, kind, name } = object;
    return { json: { apiVersion, kind, metadata: { name } }, errors: [error instanceof Error ? error.message : String(error)] };
  }
}

/** Constructs say so when they are made; what stands in raw objects and patches is found here (IST0130). A match beside others may be there for its words. */
function unreachableErrors(object: ApiObject, { kind, spec }: PrintedObject): string[] {
  const { unreachableRules: found } = require('../../imports/checks/unreachable') as { unreachableRules: typeof unreachableRules };
  return kind !== 'VirtualService' ? [] : found((spec ?? {}) as Partial<VirtualServiceSpec>).filter(({ path }) => !path.includes('.match['))
    .map(({ path, takenBy }) => `${kind} ${object.name}: spec.${path} is never used: spec.${takenBy} takes all its requests before; put it first, or remove it`);
}

/** One regex that Envoy refuses can take a gateway down, so those that no maker of conditions has seen are tried too. */
function regexErrors(object: ApiObject, { kind, spec }: PrintedObject): string[] {
  return kind !== 'VirtualService' ? [] : regexesOf(spec).flatMap((regex) => {
    const problem = regexProblem(regex);
    return problem === undefined ? [] : [`${kind} ${object.name}: ${problem}`];
  });
}

function regexesOf(value: unknown): string[] {
  if (Array.isArray(value)) {
    return value.flatMap(regexesOf);
  }
  return !isPlain(value) ? [] : Object.entries(value).flatMap(([key, child]) => {
    const regex = key === 'regex' ? child : key === 'uriRegexRewrite' && isPlain(child) ? child.match : undefined;
    return typeof regex === 'string' ? [regex] : regexesOf(child);
  });
}

/** Our own unpatched objects need not be printed to be looked at, which halves the cost of the checks. */
function printed(object: ApiObject): PrintedObject {
  const spec = patchesOf(object) === 0 ? producedSpec(object) : undefined;
  if (spec === undefined) {
    return object.toJson() as PrintedObject;
  }
  const { apiVersion, kind, name, metadata: { namespace } } = object;
  return { apiVersion, kind, metadata: { name, namespace }, spec };
}

/** What the API server would refuse. A field that only a patch can have brought in is the user's own knowledge of a newer Istio. */
function violationsOf(object: ApiObject, json: PrintedObject): string[] {
  const patched = patchesOf(object) > 0;
  return checker()(json)
    .filter(({ rule }) => !(patched && rule === 'unknown-field'))
    .map((violation) => describe(object, violation));
}

function describe(object: ApiObject, { path, message, rule }: Violation): string {
  const location = locationOf(object.node.scope ?? object);
  const fix = rule === 'unknown-field' ? '; if your release of Istio knows it, add it with addJsonPatch' : '';
  return `${object.kind} ${object.name}: ${path}: ${message}${fix}${location === undefined ? '' : ` (${location})`}`;
}

/** The checks are as large as the CRDs: they are loaded with the first object that is checked. */
function checker(): typeof checkResource {
  return (require('../../imports/checks') as { checkResource: typeof checkResource }).checkResource;
}
