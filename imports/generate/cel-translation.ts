import { type ASTNode, parse } from '@marcbachmann/cel-js';
import { parseDuration } from '../checks/duration';
import { quoted } from './names';

/** A translated expression: TypeScript source, what is known of its type, and whether its evaluation can fail in CEL. */
interface Translated {
  readonly code: string;
  readonly type: 'number' | 'boolean' | 'text' | 'duration' | 'any';
  readonly fails: boolean;
}

/** Paths such as `self.a.b` that are known to be set where an expression is evaluated. */
type Known = ReadonlySet<string>;

export class Untranslatable extends Error {}

/** A CEL rule as the source of a TypeScript function over `imports/checks/cel.ts`, imported as `cel`. */
export function translateRule(rule: string): string {
  return `self => ${asBoolean(translate(parse(rule).ast, new Set()))}`;
}

function translate(node: ASTNode, known: Known): Translated {
  switch (node.op) {
    case 'value': return literal(node.args);
    case 'id': return variable(node.args);
    case '.': return select(node, known);
    case '[]': return { code: `cel.at(${each(node.args, known)})`, type: 'any', fails: true };
    case 'call': return call(node.args[0], node.args[1], known);
    case 'rcall': return method(node, known);
    case 'list': return { code: `[${each(node.args, known)}]`, type: 'any', fails: node.args.some(item => translate(item, known).fails) };
    case 'map': return empty(node.args);
    case '?:': return conditional(node.args, known);
    case '&&':
    case '||': return logical(node.op, node.args, known);
    case '!_': return negation(translate(node.args, known));
    case '==':
    case '!=': return equality(node.op, translate(node.args[0], known), translate(node.args[1], known));
    case 'in': return { code: `cel.isIn(${each(node.args, known)})`, type: 'boolean', fails: anyFails(node.args, known) };
    case '+': return sum(node.args, known);
    case '<':
    case '<=':
    case '>':
    case '>=': return comparison(node.op, translate(node.args[0], known), translate(node.args[1], known));
    default: throw new Untranslatable(`CEL operator ${node.op}`);
  }
}

function literal(value: unknown): Translated {
  if (typeof value === 'string') {
    return { code: quoted(value), type: 'text', fails: false };
  }
  if (typeof value === 'boolean') {
    return { code: String(value), type: 'boolean', fails: false };
  }
  if (typeof value === 'bigint' || typeof value === 'number') {
    return { code: String(value), type: 'number', fails: false };
  }
  throw new Untranslatable(`CEL literal ${String(value)}`);
}

function variable(name: string): Translated {
  if (name === 'oldSelf') {
    throw new Untranslatable('a transition rule compares with the object before an update');
  }
  return { code: name, type: 'any', fails: false };
}

function empty(entries: readonly unknown[]): Translated {
  if (entries.length > 0) {
    throw new Untranslatable('CEL map literal');
  }
  return { code: '{}', type: 'any', fails: false };
}

function select(node: ASTNode & { op: '.' }, known: Known): Translated {
  const object = translate(node.args[0], known);
  const path = pathOf(node);
  return { code: `cel.field(${object.code}, ${quoted(fieldName(node.args[1]))})`, type: 'any', fails: object.fails || path === undefined || !known.has(path) };
}

/** Kubernetes escapes fields that are CEL's own words: `__namespace__`. */
function fieldName(escaped: string): string {
  return escaped
    .replace(/__dot__/g, '.').replace(/__dash__/g, '-').replace(/__slash__/g, '/').replace(/__underscores__/g, '__')
    .replace(/^__([a-z]+)__$/, '$1');
}

function pathOf(node: ASTNode): string | undefined {
  if (node.op === 'id') {
    return node.args;
  }
  const owner = node.op === '.' ? pathOf(node.args[0]) : undefined;
  return node.op === '.' && owner !== undefined ? `${owner}.${node.args[1]}` : undefined;
}

function each(nodes: readonly ASTNode[], known: Known): string {
  return nodes.map(node => translate(node, known).code).join(', ');
}

function anyFails(nodes: readonly ASTNode[], known: Known): boolean {
  return nodes.some(node => translate(node, known).fails);
}

const FUNCTIONS: Readonly<Record<string, { type: Translated['type']; fails: boolean; code?: string }>> = {
  size: { type: 'number', fails: false },
  int: { type: 'number', fails: true },
  isURL: { type: 'boolean', fails: false, code: 'isUrl' },
  isIP: { type: 'boolean', fails: false, code: 'isIp' },
  matches: { type: 'boolean', fails: false },
  substring: { type: 'text', fails: true },
};
/** Methods that a JavaScript string has by the same name and meaning. */
const TEXT_METHODS: Readonly<Record<string, Translated['type']>> = { contains: 'boolean', startsWith: 'boolean', endsWith: 'boolean', split: 'any' };
const MACROS: Readonly<Record<string, string>> = { all: 'all', exists: 'exists', exists_one: 'existsOne', filter: 'filter' };

function call(name: string, args: readonly ASTNode[], known: Known): Translated {
  if (name === 'has') {
    const [selected] = args;
    if (selected.op !== '.') {
      throw new Untranslatable('has() of something else than a field');
    }
    const object = translate(selected.args[0], known);
    return { code: `cel.has(${object.code}, ${quoted(fieldName(selected.args[1]))})`, type: 'boolean', fails: object.fails };
  }
  if (name === 'duration') {
    return durationOf(args[0], known);
  }
  const described = FUNCTIONS[name];
  if (described === undefined) {
    throw new Untranslatable(`CEL function ${name}`);
  }
  return { code: `cel.${described.code ?? name}(${each(args, known)})`, type: described.type, fails: described.fails || anyFails(args, known) };
}

function durationOf(argument: ASTNode, known: Known): Translated {
  if (argument.op === 'value' && typeof argument.args === 'string') {
    return { code: `${parseDuration(argument.args)}n`, type: 'duration', fails: false };
  }
  return { code: `cel.duration(${translate(argument, known).code})`, type: 'duration', fails: true };
}

function method(node: ASTNode & { op: 'rcall' }, known: Known): Translated {
  const [name, receiver, args] = node.args;
  if (name in MACROS) {
    return macro(name, receiver, args, known);
  }
  if (name === 'getScheme' && receiver.op === 'call' && receiver.args[0] === 'url') {
    return { code: `cel.scheme(${each(receiver.args[1], known)})`, type: 'text', fails: true };
  }
  if (name in TEXT_METHODS) {
    const text = translate(receiver, known);
    const javaScript = name === 'contains' ? 'includes' : name;
    const code = `${text.type === 'text' ? text.code : `cel.text(${text.code})`}.${javaScript}(${each(args, known)})`;
    return { code, type: TEXT_METHODS[name], fails: anyFails([receiver, ...args], known) };
  }
  return call(name, [receiver, ...args], known);
}

function macro(name: string, receiver: ASTNode, [item, body]: readonly ASTNode[], known: Known): Translated {
  if (item.op !== 'id') {
    throw new Untranslatable(`CEL macro ${name} without a variable`);
  }
  const inner = translate(body, known);
  const code = `cel.${MACROS[name]}(${translate(receiver, known).code}, ${item.args} => ${asBoolean(inner)})`;
  return { code, type: name === 'filter' ? 'any' : 'boolean', fails: inner.fails || translate(receiver, known).fails };
}

function conditional([condition, yes, no]: readonly [ASTNode, ASTNode, ASTNode], known: Known): Translated {
  const test = translate(condition, known);
  const then = translate(yes, new Set([...known, ...implied(condition, true)]));
  const otherwise = translate(no, new Set([...known, ...implied(condition, false)]));
  return {
    code: `(${asBoolean(test)} ? ${then.code} : ${otherwise.code})`,
    type: then.type === otherwise.type ? then.type : 'any',
    fails: test.fails || then.fails || otherwise.fails,
  };
}

/**
 * JavaScript's operators where the left side cannot fail: CEL's absorb a failure of one side if the other decides.
 */
function logical(operator: '&&' | '||', [a, b]: readonly [ASTNode, ASTNode], known: Known): Translated {
  const left = translate(a, known);
  const right = translate(b, new Set([...known, ...implied(a, operator === '&&')]));
  if (!left.fails) {
    return { code: `(${asBoolean(left)} ${operator} ${asBoolean(right)})`, type: 'boolean', fails: right.fails };
  }
  // Here the right side is evaluated even after a failure on the left, which then implies nothing.
  const alone = translate(b, known);
  return { code: `cel.${operator === '&&' ? 'and' : 'or'}(() => ${asBoolean(left)}, () => ${asBoolean(alone)})`, type: 'boolean', fails: true };
}

/** The paths that are set where a condition came out so. */
function implied(condition: ASTNode, outcome: boolean): string[] {
  if (condition.op === '!_') {
    return implied(condition.args, !outcome);
  }
  if (condition.op === (outcome ? '&&' : '||')) {
    return (condition.args as readonly ASTNode[]).flatMap(side => implied(side, outcome));
  }
  const path = condition.op === 'call' && condition.args[0] === 'has' ? pathOf(condition.args[1][0]) : undefined;
  return outcome && path !== undefined ? [path] : [];
}

function negation(operand: Translated): Translated {
  return { code: `!${asBoolean(operand)}`, type: 'boolean', fails: operand.fails };
}

function equality(operator: '==' | '!=', left: Translated, right: Translated): Translated {
  const fails = left.fails || right.fails;
  if (left.type !== 'any' || right.type !== 'any') {
    return { code: `(${left.code} ${operator}= ${right.code})`, type: 'boolean', fails };
  }
  return { code: `${operator === '!=' ? '!' : ''}cel.equal(${left.code}, ${right.code})`, type: 'boolean', fails };
}

function comparison(operator: string, left: Translated, right: Translated): Translated {
  const fails = left.fails || right.fails;
  const durations = left.type === 'duration' && right.type === 'duration';
  const [a, b] = durations ? [left.code, right.code] : [asNumber(left), asNumber(right)];
  return { code: `(${a} ${operator} ${b})`, type: 'boolean', fails };
}

function sum(args: readonly [ASTNode, ASTNode], known: Known): Translated {
  const [left, right] = args.map(side => translate(side, known));
  const fails = left.fails || right.fails;
  if (left.type === 'text' || right.type === 'text') {
    const [a, b] = [left, right].map(side => (side.type === 'text' ? side.code : `cel.text(${side.code})`));
    return { code: `(${a} + ${b})`, type: 'text', fails };
  }
  return { code: `(${asNumber(left)} + ${asNumber(right)})`, type: 'number', fails };
}

function asNumber({ code, type }: Translated): string {
  return type === 'number' ? code : `cel.number(${code})`;
}

function asBoolean({ code, type }: Translated): string {
  if (type !== 'boolean') {
    throw new Untranslatable(`a condition that is no truth value: ${code}`);
  }
  return code;
}
