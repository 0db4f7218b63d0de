import type { ErrorObject } from 'ajv';

/** Something in a checks file that nobody understands: where, what, what was expected. */
export class CheckFault extends Error {
  constructor(readonly path: string, readonly problem: string) {
    super(`${path}: ${problem}`);
  }
}

/** All faults of a file together, one per line. */
export class CheckFileError extends Error {
  constructor(readonly file: string, readonly faults: readonly CheckFault[]) {
    super(`${file}: ${faults.length === 1 ? 'one thing is' : `${faults.length} things are`} not understood\n${faults.map((fault) => `  ${fault.message}`).join('\n')}`);
    this.name = 'CheckFileError';
  }
}

/** Ajv's errors in the words of the schema's descriptions; the branches of an `anyOf` give one fault, not one each. */
export function schemaFaults(errors: readonly ErrorObject[], root: unknown): CheckFault[] {
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath);
  const isBranch = ({ keyword, instancePath }: ErrorObject): boolean =>
    keyword !== 'anyOf' && choices.some((path) => instancePath === path || instancePath.startsWith(`${path}/`));
  const outer = errors.filter((error) => error.keyword !== 'if' && !isBranch(error));
  const faults = outer.map((error) => nestedFault(error, errors, root) ?? toFault(error, root));
  return [...new Map(faults.map((fault) => [fault.message, fault])).values()];
}

/** An object with an unknown key is meant as an object: then the key is the fault, not the whole. */
function nestedFault(error: ErrorObject, errors: readonly ErrorObject[], root: unknown): CheckFault | undefined {
  if (error.keyword !== 'anyOf') return undefined;
  const inside = errors.find(({ keyword, instancePath }) => keyword === 'additionalProperties' && instancePath === error.instancePath)
    ?? errors.find(({ instancePath, keyword }) => instancePath.startsWith(`${error.instancePath}/`) && keyword !== 'anyOf');
  return inside && toFault(inside, root);
}

function toFault(error: ErrorObject, root: unknown): CheckFault {
  const path = formatPath(error.instancePath, root);
  if (error.keyword === 'additionalProperties') {
    const unknown = String(error.params.additionalProperty);
    const known = Object.keys((error.parentSchema?.properties ?? {}) as object);
    const near = known.find((key) => isNear(key, unknown));
    return new CheckFault(path, `unknown key "${unknown}"${near ? `, did you mean "${near}"?` : `; known are ${known.join(', ')}`}`);
  }
  if (error.keyword === 'required') return new CheckFault(path, `"${error.params.missingProperty}" is missing`);
  const description = (error.parentSchema as { description?: string } | undefined)?.description;
  return new CheckFault(path, `got ${show(error.data)}, expected ${description ?? error.message?.replace(/^must be /, '')}`);
}

/** `/checks/2/expect/status` → `checks[2] "a name" expect.status` */
function formatPath(pointer: string, root: unknown): string {
  const parts = pointer.split('/').slice(1).map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'));
  const name = parts[0] === 'checks' ? (root as { checks?: { name?: unknown }[] }).checks?.[Number(parts[1])]?.name : undefined;
  const text = parts.reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path ? `${path}.${part}` : part), '');
  return typeof name === 'string' ? `${text} (${name})` : text || 'the file';
}

function isNear(a: string, b: string): boolean {
  const row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0];
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j];
      row[j] = Math.min(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] === b[j - 1] ? 0 : 1));
      diagonal = above;
    }
  }
  return row[b.length] <= Math.max(1, Math.floor(b.length / 3));
}

export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
