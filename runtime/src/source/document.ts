import { CORE_SCHEMA, loadAll, Type, YAMLException } from 'js-yaml';
import { isRecord } from '../model/parsed-value';
import type { Problem, ResourceRef } from '../model/problem';
import type { Resource } from '../model/resource';
import { parseObject } from './object';
import type { Origin, SourceObject } from './object';

/** YAML as Kubernetes reads it: no dates, no sets, but merge keys. */
const MERGE = new Type('tag:yaml.org,2002:merge', { kind: 'scalar', resolve: (data: unknown) => data === '<<' });
const SCHEMA = CORE_SCHEMA.extend({ implicit: [MERGE] });
/** The largest object that Kubernetes stores; parsing it takes about 100 ms. */
const MAX_DOCUMENT = 1.5 * 1024 * 1024;

/** A document of a file: what stands in it, with lines counted from its own first line. */
interface Document {
  readonly objects: readonly { readonly resource: Resource; readonly line: number }[];
  readonly faults: readonly { readonly line: number; readonly message: string }[];
}

/** Where a text comes from, and whether everything in it must be an object of Kubernetes. */
export interface TextOrigin {
  readonly file: string;
  readonly folder: string;
  /** Documents that are something else (a values file, a package.json) are passed over. */
  readonly lenient?: boolean;
}

export interface ParsedText {
  readonly objects: readonly SourceObject[];
  readonly problems: readonly Problem[];
}

/** The parser of one file: a document whose text did not change gives the same objects again. */
export class TextParser {
  private known: ReadonlyMap<string, Document> = new Map();

  public constructor(private readonly origin: TextOrigin) {}

  /** Parses the text; `pause` is awaited between documents. */
  public async parse(text: string, pause: () => Promise<void> | undefined): Promise<ParsedText> {
    const documents: (readonly [number, Document])[] = [];
    const known = new Map<string, Document>();
    for (const [line, part] of splitDocuments(text)) {
      const document = known.get(part) ?? this.known.get(part) ?? parseDocument(part, this.origin.lenient ?? false);
      known.set(part, document);
      documents.push([line, document]);
      await pause();
    }
    this.known = known;
    return place(documents, this.origin);
  }
}

/** The objects of a text that comes all at once, such as a step of a check. */
export function parseText(text: string, origin: TextOrigin): ParsedText {
  return place(splitDocuments(text).map(([line, part]) => [line, parseDocument(part, origin.lenient ?? false)]), origin);
}

export function fileProblem(file: string, line: number | undefined, message: string): Problem {
  return { resource: fileRef(file), path: line === undefined ? '' : `line ${line}`, message };
}

const fileRef = (file: string): ResourceRef => ({ kind: 'File', namespace: '', name: file });

function place(documents: readonly (readonly [number, Document])[], { file, folder }: TextOrigin): ParsedText {
  const origin = (line: number): Origin => ({ file, line, folder });
  return {
    objects: documents.flatMap(([start, { objects }]) => objects.map(({ resource, line }) => ({ resource, origin: origin(start + line) }))),
    problems: documents.flatMap(([start, { faults }]) => faults.map(({ line, message }) => fileProblem(file, start + line, message))),
  };
}

/** The documents of a YAML stream with the number of their first line. JSON is one document. */
function splitDocuments(text: string): [number, string][] {
  const parts: [number, string][] = [];
  const separator = /^---(?=\s|$)/gm;
  let line = 1;
  let from = 0;
  for (let match = separator.exec(text); ; match = separator.exec(text)) {
    const to = match ? match.index : text.length;
    const part = text.slice(from, to);
    // Directives belong to the document that follows their `---`.
    const directives = match !== null && /^%/m.test(part) && /^\s*(?:[%#].*\s*)+$/.test(part);
    if (!directives) {
      if (part.trim() !== '') parts.push([line, part]);
      line += lines(part);
      from = to;
    }
    if (!match) return parts;
  }
}

function lines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

function parseDocument(text: string, lenient: boolean): Document {
  const fault = (line: number, message: string): Document => ({ objects: [], faults: [{ line, message }] });
  const first = firstLine(text);
  if (text.length > MAX_DOCUMENT) return fault(first, `is too large: at most ${MAX_DOCUMENT} characters in a document, got ${text.length}: split it`);
  let values: unknown[];
  try {
    values = loadValues(text);
  } catch (error) {
    if (error instanceof YAMLException) return fault(error.mark?.line ?? first, `cannot be read: ${error.reason}`);
    return fault(first, `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const items = values.flatMap(flattenList).filter((value) => value != null && !(lenient && isForeign(value)));
  const parsed = items.map((value) => parseObject(value, fileRef('')));
  return {
    objects: parsed.flatMap((item) => ('metadata' in item ? [{ resource: item, line: first }] : [])),
    faults: parsed.flatMap((item) => ('metadata' in item ? [] : [{ line: first, message: (item as Problem).message }])),
  };
}

function loadValues(text: string): unknown[] {
  if (/^\s*[{[]/.test(text)) {
    try {
      return [JSON.parse(text)];
    } catch {
      // YAML's flow style looks the same, and its parser knows the line of an error.
    }
  }
  return loadAll(text, undefined, { schema: SCHEMA });
}

/** `kind: List` and the lists that `kubectl get` writes hold objects in `items`. */
function flattenList(value: unknown): unknown[] {
  return isRecord(value) && typeof value.kind === 'string' && value.kind.endsWith('List') && Array.isArray(value.items) ? value.items : [value];
}

function isForeign(value: unknown): boolean {
  return !isRecord(value) || (value.apiVersion === undefined && value.kind === undefined);
}

/** The first line that is neither a separator nor a comment nor empty, counted from 0. */
function firstLine(text: string): number {
  const skipped = /^(?:(?:---)?[ \t]*(?:#.*)?\r?\n)*/.exec(text);
  return lines(skipped?.[0] ?? '');
}
