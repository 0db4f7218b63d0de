import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import type { JsonSchema } from './json-schema';

/** A Go module at one version, and where its CustomResourceDefinitions stand: a file or a folder. */
export interface Pin {
  readonly folder: string;
  readonly module: string;
  readonly version: string;
  readonly sum: string;
  readonly definitions: string;
  readonly messages?: readonly Message[];
}

/** A message that users write as YAML, but not as an object of the Kubernetes API: it gets types and checks like the `spec` of a kind. */
export interface Message {
  readonly file: string;
  readonly message: string;
  readonly group: string;
  readonly version: string;
}

/** One kind at the one version that we generate. */
export interface Kind {
  readonly pin: Pin;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly schema: JsonSchema;
}

interface Definition {
  readonly kind: string;
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean; readonly schema: { readonly openAPIV3Schema: JsonSchema } }[];
  };
}

/** The kinds of a pinned module, by name. */
export function loadKinds(pin: Pin): Kind[] {
  const path = join(moduleFolder(pin), pin.definitions);
  const files = statSync(path).isDirectory() ? readdirSync(path).sort().map(file => join(path, file)) : [path];
  return files
    .flatMap(file => loadAll(readFileSync(file, 'utf8')) as (Definition | null)[])
    .filter(document => document?.kind === 'CustomResourceDefinition')
    .map(definition => kindOf(pin, definition!))
    .sort((a, b) => (a.kind < b.kind ? -1 : 1));
}

/** v1 where it exists; otherwise the newest that is served, which the pinned definitions list first. */
function kindOf(pin: Pin, { spec }: Definition): Kind {
  const served = spec.versions.filter(version => version.served);
  const version = served.find(({ name }) => name === 'v1') ?? served[0];
  return { pin, group: spec.group, version: version.name, kind: spec.names.kind, schema: version.schema.openAPIV3Schema };
}

export function moduleFolder({ module, version, sum }: Pin): string {
  const answer = execFileSync('go', ['mod', 'download', '-json', `${module}@${version}`], { encoding: 'utf8' });
  const downloaded = JSON.parse(answer) as { Dir: string; Sum: string };
  if (downloaded.Sum !== sum) {
    throw new Error(`${module}@${version}: pins.json expects the checksum ${sum}, got ${downloaded.Sum}`);
  }
  return downloaded.Dir;
}
