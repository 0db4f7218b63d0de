import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv';
import { load } from 'js-yaml';
import { CheckFault, CheckFileError, schemaFaults, show } from './fault';
import { knownOf, parseCredentials } from './parse-credentials';
import { parseStep, type Where } from './parse-step';
import schema from './schema.json';
import type { RawCheck, RawFile } from './raw';
import type { Check, CheckFile, Step } from './step';

let validator: ValidateFunction | undefined;

export function readChecks(file: string): CheckFile {
  return parseChecks(readFileSync(file, 'utf8'), file);
}

/** Throws a CheckFileError that names everything that is not understood. Files of `apply` are read here, so that they are there later. */
export function parseChecks(text: string, file: string): CheckFile {
  const raw = parseRaw(text, file);
  const faults: CheckFault[] = [];
  const credentials = parseOrFault(() => parseCredentials(raw), faults) ?? { certificates: new Map(), secrets: [] };
  const known = knownOf(credentials.certificates);
  const checks = raw.checks.flatMap((check, index): Check[] => {
    const where = { path: `checks[${index}] (${check.name})`, namespace: raw.namespace, folder: dirname(file), known };
    const steps = parseOrFault(() => parseSteps(check, where), faults);
    return steps ? [{ name: check.name, proves: check.proves ?? [], skip: check.skip, steps }] : [];
  });
  const names = raw.checks.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) faults.push(new CheckFault('checks', `two checks are called ${show(twice)}`));
  if (faults.length) throw new CheckFileError(file, faults);
  return { outside: raw.outside ?? [], credentials, checks };
}

function parseOrFault<T>(parse: () => T, faults: CheckFault[]): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof CheckFault)) throw error;
    faults.push(error);
    return undefined;
  }
}

function parseRaw(text: string, file: string): RawFile {
  let raw: unknown;
  try {
    raw = load(text, { filename: file });
  } catch (error) {
    throw new CheckFileError(file, [new CheckFault('the file', (error as Error).message)]);
  }
  validator ??= new Ajv({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true, strictTypes: false }).compile(schema);
  if (validator(raw)) return raw as RawFile;
  throw new CheckFileError(file, schemaFaults(validator.errors ?? [], raw));
}

function parseSteps(check: RawCheck, where: Where): Step[] {
  if (!check.steps) return [parseStep(check, where)];
  const other = Object.keys(check).find((key) => !['name', 'proves', 'skip', 'steps'].includes(key));
  if (other) throw new CheckFault(where.path, `"${other}" stands beside "steps": write it inside a step`);
  return check.steps.map((step, index) => parseStep(step, { ...where, path: `${where.path} steps[${index}]` }));
}
