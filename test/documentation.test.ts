import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import * as ts from 'typescript';
import { checkResource, type CheckedResource } from '../imports/checks';
import * as library from '../src';

const SOURCE = join(__dirname, '..', 'src');
const PAGES = join(__dirname, '..', 'docs');
const FILE = join(__dirname, 'documentation-examples.ts');

/** What the examples speak of without declaring it. */
const KNOWN: Readonly<Record<string, string>> = {
  chart: 'Chart', mesh: 'Mesh', reviews: "MeshService<'v1' | 'v2' | 'v3'>", ratings: "MeshService<'v1'>", productpage: "MeshService<'v1'>", cart: "MeshService<'v1'>",
  web: "MeshService<'v1'>", tcpEcho: "MeshService<'v1' | 'v2'>", edge: 'Gateway', egress: 'EgressGateway', partner: 'ExternalService',
  payments: "MeshService<'v1'>", admin: "MeshService<'v1'>", versions: '{ v1: { image: string } }',
};

interface Example {
  readonly file: string;
  readonly code: string;
}

/** Every `@example` of the published files. */
function examples(): Example[] {
  return readdirSync(SOURCE).filter((file) => file.endsWith('.ts')).flatMap((file) => {
    const comments = readFileSync(join(SOURCE, file), 'utf8').match(/\/\*\*[\s\S]*?\*\//g) ?? [];
    return comments.flatMap((comment) => {
      const [, ...blocks] = comment.replace(/\*\/$/, '').split('@example\n');
      return blocks.map((block) => ({ file, code: block.split(/^\s*\* @/m)[0].replace(/^\s*\* ?/gm, '') }));
    });
  });
}

/** What stands between fences of one language in the pages of `docs`. */
function fenced(language: string): Example[] {
  return readdirSync(PAGES).filter((file) => file.endsWith('.md')).flatMap((file) =>
    [...readFileSync(join(PAGES, file), 'utf8').matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, code]) => ({ file, code })));
}

function program(list: readonly Example[]): string {
  const functions = list.map(({ file, code }, index) => {
    const given = Object.entries(KNOWN).filter(([name]) => !new RegExp(`const ${name}\\b`).test(code)).map(([name, type]) => `${name}: ${type}`);
    return `/* ${file} */ export function example${index}(${given.join(', ')}) {\n${code}\n}`;
  });
  return [
    "import { App, Chart, Duration, JsonPatch } from 'cdk8s';",
    `import { ${Object.keys(library).filter((name) => !['istio', 'gatewayApi'].includes(name)).join(', ')} } from '../src';`,
    ...functions,
  ].join('\n');
}

/** The mistakes that the compiler finds in a file that is nowhere on the disk. */
function mistakes(text: string): string[] {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true, noEmit: true, skipLibCheck: true, types: ['node'],
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (name) => name === FILE || fileExists(name);
  host.getSourceFile = (name, ...rest) => (name === FILE ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022) : getSourceFile(name, ...rest));
  const found = ts.createProgram([FILE], options, host);
  const file = found.getSourceFile(FILE);
  return [...found.getSyntacticDiagnostics(file), ...found.getSemanticDiagnostics(file)]
    .map(({ start = 0, messageText }) => `${text.slice(start).split('\n')[0]}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
}

describe('the examples in the documentation', () => {
  const list = examples();

  test('every construct has one', () => {
    const files = [
      'access-policy', 'canary-route', 'circuit-breaker', 'claim', 'connection-pool', 'cors', 'direct-response', 'egress-gateway', 'external-authorizer', 'external-service', 'fault-injection', 'gateway', 'grpc-route',
      'hash', 'ingress-route', 'jwt-authentication', 'list-checker', 'load-balancer', 'locality-failover', 'mesh', 'mesh-service', 'mirror', 'mutual-tls', 'outlier-detection', 'retry', 'string-match', 'tcp-route', 'timeout', 'tls-route',
      'traffic-shift', 'weight-owner', 'when',
    ];
    expect(files.filter((name) => !list.some(({ file }) => file === `${name}.ts`))).toEqual([]);
  });

  test('compile', () => {
    expect(mistakes(program(list))).toEqual([]);
  }, 120_000);

  test('compile in the pages too', () => {
    expect(fenced('ts').length).toBeGreaterThan(1);
    expect(mistakes(program(fenced('ts')))).toEqual([]);
  }, 120_000);

  test('of objects are taken by the API server', () => {
    const objects = fenced('yaml').flatMap(({ file, code }) => loadAll(code).map((object) => ({ file, object }))).filter(({ object }) => (object as { kind?: string } | null)?.kind);
    expect(objects.length).toBeGreaterThan(0);
    expect(objects.flatMap(({ file, object }) => checkResource(object as CheckedResource).map(({ path, message }) => `${file} ${path}: ${message}`))).toEqual([]);
  });

  test('would not compile with a version that does not exist', () => {
    expect(mistakes(program([{ file: 'none', code: "reviews.route({ to: 'v9' });" }]))).toHaveLength(1);
  }, 120_000);
});
