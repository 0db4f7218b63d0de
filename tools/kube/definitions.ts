import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { moduleFolder } from '../../imports/generate/definitions';
import type { Pin } from '../../imports/generate/definitions';
import type { ApiServer } from './api-server';

const PINS = join(__dirname, '../../imports/generate/pins.json');
/** The server holds the first object of a kind back for two seconds after its definition. */
const HELD_BACK = 3000;

interface Definition {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly group: string; readonly scope: string; readonly names: { readonly kind: string; readonly plural: string } };
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

/** Where the server takes objects, by `group/Kind`. */
export class Kinds {
  private constructor(private readonly byName: ReadonlyMap<string, Definition['spec']>) {}

  /** Gives the server the definitions that our checks are generated from. */
  public static async install(server: ApiServer): Promise<Kinds> {
    const definitions = readDefinitions();
    for (const definition of definitions) {
      const { status, body } = await server.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
      if (status !== 201) {
        throw new Error(`the server refuses the definition of ${definition.spec.names.kind}: ${String(body.message)}`);
      }
    }
    for (const { metadata: { name } } of definitions) {
      await established(server, name);
    }
    await sleep(HELD_BACK);
    return new Kinds(new Map(definitions.map(({ spec }) => [`${spec.group}/${spec.names.kind}`, spec])));
  }

  public pathOf(apiVersion: string, kind: string): string | undefined {
    const spec = this.byName.get(`${apiVersion.split('/', 1)[0]}/${kind}`);
    return spec && `/apis/${apiVersion}/${spec.scope === 'Namespaced' ? 'namespaces/default/' : ''}${spec.names.plural}`;
  }
}

function readDefinitions(): Definition[] {
  const pins = JSON.parse(readFileSync(PINS, 'utf8')) as Pin[];
  return pins.flatMap((pin) => {
    const path = join(moduleFolder(pin), pin.definitions);
    const files = statSync(path).isDirectory() ? readdirSync(path).sort().map((file) => join(path, file)) : [path];
    const documents = files.flatMap((file) => loadAll(readFileSync(file, 'utf8')) as (Definition | null)[]);
    return documents.filter((document): document is Definition => document?.kind === 'CustomResourceDefinition');
  });
}

async function established(server: ApiServer, name: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const { body } = await server.get(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`);
    const conditions = (body.status as { conditions?: Condition[] } | undefined)?.conditions ?? [];
    if (conditions.some(({ type, status }) => type === 'Established' && status === 'True')) {
      return;
    }
    await sleep(100);
  }
  throw new Error(`the server does not establish ${name}`);
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, milliseconds));
}
