import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { dump } from 'js-yaml';
import { CheckFault, show } from './fault';
import { parseCall } from './parse-call';
import { parseSecrets, parseTls } from './parse-credentials';
import { parseExpect, workload, type Place } from './parse-expect';
import { parseDuration } from './quantity';
import { ACTIONS, CALL_VERBS, CALL_WORDS, type RawStep } from './raw';
import { parseWorkload } from './workload';
import type { Action, CallStep, Step } from './step';

export interface Where extends Place {
  /** Of the checks file: files of `apply` stand beside it. */
  readonly folder: string;
}

export function parseStep(raw: RawStep, where: Where): Step {
  const verbs = [...CALL_VERBS, ...ACTIONS].filter((verb) => raw[verb] !== undefined);
  if (verbs.length !== 1) {
    const known = [...CALL_VERBS, ...ACTIONS].join(', ');
    throw new CheckFault(where.path, verbs.length ? `a step does one thing, this one does ${verbs.join(' and ')}` : `nothing is done; expected one of ${known}`);
  }
  const action = ACTIONS.find((verb) => verb === verbs[0]);
  if (!action) return parseCallStep(raw, where);
  const stray = CALL_WORDS.find((word) => raw[word] !== undefined);
  if (stray) throw new CheckFault(where.path, `"${stray}" belongs to calls, not to ${action}`);
  return parseAction(raw, where);
}

function parseCallStep(raw: RawStep, where: Where): CallStep {
  const at = (key: string): Place => ({ ...where, path: `${where.path} ${key}` });
  const outside = raw.from === undefined || raw.from === 'outside';
  if (raw.gateway !== undefined && !outside) throw new CheckFault(where.path, '"gateway" is for calls from outside');
  const during = (raw.during ?? []).map((step, index) => {
    const parsed = parseStep(step, { ...where, path: `${where.path} during[${index}]` });
    if (parsed.kind === 'call') throw new CheckFault(`${where.path} during[${index}]`, 'a call is not possible here, only steps that change the mesh');
    return parsed;
  });
  const call = parseCall(raw, where);
  return {
    kind: 'call',
    from: outside ? 'outside' : workload(raw.from ?? '', at('from')),
    gateway: raw.gateway === undefined ? undefined : workload(raw.gateway, at('gateway')),
    call,
    ...(raw.tls ? { tls: parseTls(raw.tls, where.known, `${where.path} tls`) } : {}),
    times: raw.times ?? 1,
    parallel: raw.parallel ?? (during.length || (raw.times ?? 1) >= 100 ? 10 : 1),
    during,
    withinMs: raw.within === undefined ? undefined : parseDuration(raw.within),
    expect: parseExpect(raw.expect ?? {}, at('expect'), call),
  };
}

function parseAction(raw: RawStep, where: Where): Action {
  if (raw.apply !== undefined) return { kind: 'apply', ...manifest(raw.apply, where) };
  if (raw.remove !== undefined) return { kind: 'remove', object: objectName(raw.remove, where), text: raw.remove };
  if (raw.scale) {
    const deployments = Object.entries(raw.scale).map(([name, replicas]) => ({ ...splitName(name, where), replicas }));
    return { kind: 'scale', deployments, text: Object.entries(raw.scale).map(([name, n]) => `${name} to ${n}`).join(', ') };
  }
  if (raw.secrets) return { kind: 'secrets', secrets: parseSecrets(raw.secrets, { ...where, path: `${where.path} secrets` }), text: Object.keys(raw.secrets).join(', ') };
  if (raw.wait !== undefined) return { kind: 'wait', ms: parseDuration(raw.wait), text: raw.wait };
  const kind = raw.kill !== undefined ? 'kill' : 'restart';
  const text = raw[kind] ?? '';
  return { kind, target: text === 'istiod' ? text : workload(text, { ...where, path: `${where.path} ${kind}` }), text };
}

function manifest(raw: NonNullable<RawStep['apply']>, where: Where): { manifest: string; text: string } {
  if (typeof raw !== 'string') {
    const objects = (Array.isArray(raw) ? raw : [raw]) as { kind?: unknown; metadata?: { name?: unknown } }[];
    return { manifest: objects.map((object) => dump(object)).join('---\n'), text: objects.map(({ kind, metadata }) => `${kind}/${metadata?.name}`).join(', ') };
  }
  const file = resolve(where.folder, raw);
  if (!existsSync(file)) throw new CheckFault(where.path, `there is no file ${show(raw)} beside the checks`);
  return { manifest: readFileSync(file, 'utf8'), text: raw };
}

function objectName(text: string, where: Where): { kind: string; name: string; namespace?: string } {
  const [kind, name] = text.split('/');
  return { kind, ...splitName(name, where) };
}

function splitName(text: string, where: Where): { name: string; namespace?: string } {
  const parsed = parseWorkload(text, where.namespace);
  if (!parsed || parsed.version !== undefined) throw new CheckFault(where.path, `got ${show(text)}, expected NAME or NAME.NAMESPACE`);
  return { name: parsed.app, namespace: parsed.namespace };
}
