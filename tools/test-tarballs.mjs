// Both packages are packed, their file lists compared with what they should hold, installed into an empty folder outside the repository,
// and there the README's code is type-checked, synthesized and run with `mesh up`.
import { cpSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cut } from './docs.mjs';
import { root } from './install.mjs';
import { checkExample } from './test-examples.mjs';
import { run } from './terminal.mjs';

/** Packs both packages at once, before anything else can touch the built files. Resolves with the folder of the tarballs and their lists. */
export async function packTarballs() {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-pack-'));
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder, '--workspace', 'runtime', '--include-workspace-root'], { cwd: root });
  const packages = Object.fromEntries(Object.values(JSON.parse(stdout)).map((pack) => [pack.name, { tarball: join(folder, pack.filename), files: pack.files.map((file) => file.path) }]));
  return { folder, packages };
}

const ALLOWED = {
  'cdk8s-istio': /^(package\.json|README\.md|LICENSE|docs\/pictures\/.*|lib\/(src|imports)\/.*\.(js|d\.ts))$/,
  'cdk8s-istio-runtime': /^(package\.json|README\.md|LICENSE|lib\/mesh\.js)$/,
};

function checkLists(packages) {
  const wrong = Object.entries(ALLOWED).flatMap(([name, allowed]) => packages[name].files.filter((file) => !allowed.test(file)).map((file) => `${name}: ${file}`));
  if (wrong.length) throw new Error(`files that do not belong into a tarball:\n${wrong.join('\n')}`);
}

/** README's first program, as a user would have it in a folder of their own. */
function writeProject(folder) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const dev = Object.fromEntries(['cdk8s', 'constructs', 'tsx', 'typescript', '@types/node'].map((name) => [name, manifest.devDependencies[name]]));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'shop', private: true, devDependencies: dev }));
  writeFileSync(join(folder, 'cdk8s.yaml'), 'language: typescript\napp: npx tsx main.ts\n');
  writeFileSync(join(folder, 'main.ts'), `${cut('examples/quick-start/main.ts')}\n`);
  cpSync(join(root, 'examples/quick-start/checks.yaml'), join(folder, 'checks.yaml'));
  const compilerOptions = { target: 'ES2022', module: 'NodeNext', strict: true, noEmit: true, types: ['node'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }));
}

export async function testTarballs(packing) {
  const { folder, packages } = await packing;
  const project = join(folder, 'shop');
  try {
    checkLists(packages);
    mkdirSync(project);
    writeProject(project);
    const tarballs = Object.values(packages).map((pack) => pack.tarball);
    await run('npm', ['install', '--no-audit', '--no-fund', ...tarballs], { cwd: project });
    await run('npx', ['tsc', '-p', '.'], { cwd: project });
    await run(process.execPath, ['-e', "if (typeof require('cdk8s-istio').Mesh !== 'function') process.exit(1)"], { cwd: project });
    await run(process.execPath, ['--input-type=module', '-e', "import { Mesh } from 'cdk8s-istio'; if (typeof Mesh !== 'function') process.exit(1)"], { cwd: project });
    const checks = await checkExample({ mesh: join(project, 'node_modules/cdk8s-istio-runtime/lib/mesh.js'), folder: '.' }, { cwd: project });
    return { ...checks, passed: 5 + (checks.passed ?? 0) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
