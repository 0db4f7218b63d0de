import { JsonFile, ProjenrcFile, TextFile, javascript } from 'projen';

/**
 * The one hand-edited configuration: package.json, tsconfig*.json, .gitignore, the lint rules and runtime/package.json come from here.
 * After an edit: `npx projen`.
 */

const author = { name: 'The cdk8s-istio authors', url: 'https://github.com/cdk8s-istio/cdk8s-istio' };
const version = '0.1.0';

const project = new javascript.NodeProject({
  name: 'cdk8s-istio',
  description: 'Service meshes written as TypeScript: typed constructs that synthesize Istio and workload manifests, tested on real Envoys.',
  keywords: ['cdk8s', 'constructs', 'istio', 'service-mesh', 'envoy', 'kubernetes'],
  authorName: author.name,
  authorUrl: author.url,
  authorOrganization: true,
  license: 'Apache-2.0',
  defaultReleaseBranch: 'main',
  packageManager: javascript.NodePackageManager.NPM,
  entrypoint: 'lib/src/index.js',
  // Everything below would add files or network steps that this repository does not want.
  projenrcJs: false,
  projenVersion: '0.103.25',
  jest: false,
  github: false,
  buildWorkflow: false,
  release: false,
  depsUpgrade: false,
  npmignoreEnabled: false,
  package: false,
  copyrightOwner: author.name,
  copyrightPeriod: '2026',

  deps: ['re2js@2.10.0'],
  peerDeps: ['cdk8s@^2.70.0', 'constructs@^10.4.0', 'cdk8s-plus-27@>=2.9.0'],
  // projen would pin peers to their lowest version, and constructs 10.0.0 clashes with cdk8s-plus-27.
  peerDependencyOptions: { pinnedDevDependency: false },
  devDeps: [
    'cdk8s@2.70.106', 'cdk8s-cli@2.207.60', 'cdk8s-plus-27@2.9.5', 'constructs@10.8.1',
    'tsx@4.23.15', 'esbuild@0.28.2', 'typescript@6.0.3',
    'jest@30.5.2', 'ts-jest@29.4.15', '@types/jest@^30', 'fast-check@4.10.2', 'js-yaml@4.3.2', '@types/js-yaml@^4', '@types/node@^20',
    '@marcbachmann/cel-js@8.0.0',
    'eslint@^9', 'typescript-eslint@^8', 'eslint-plugin-import-x@^4', 'eslint-import-resolver-typescript@^4', '@stylistic/eslint-plugin@^5',
  ],
  gitignore: ['/lib/', '/.cache/', 'dist/', '/runtime/lib/', '*.tgz', '.DS_Store'],
});

/** So that generated files name this one. */
class Projenrc extends ProjenrcFile {
  public readonly filePath = '.projenrc.ts';
}
new Projenrc(project);

// ---- package.json --------------------------------------------------------------------------------------------------------
project.package.addField('version', version);
project.package.addField('types', 'lib/src/index.d.ts');
project.package.addField('workspaces', ['runtime']);
project.package.addField('files', ['lib/src', 'lib/imports', 'README.md', 'LICENSE']);
project.package.addField('exports', {
  '.': { types: './lib/src/index.d.ts', default: './lib/src/index.js' },
  './package.json': './package.json',
});
project.package.addField('peerDependenciesMeta', { 'cdk8s-plus-27': { optional: true } });
project.package.addField('sideEffects', false);
// 1.13.0 was published without all of its platform packages, and `npm ci` refuses a lock file with holes.
project.package.addField('overrides', { 'unrs-resolver': '1.12.2' });
project.package.addField('engines', { node: '>=20' });

// Plain Node scripts: they work in a fresh clone, before any install.
for (const script of ['start', 'test', 'bench', 'suites', 'fuzz', 'kube', 'pilot'] as const) {
  project.package.setScript(script, `node tools/${script}.mjs`);
}

// ---- tasks: `npx projen build` is the one developer command -----------------------------------------------------------------
// compile → docs → lint → test → no tracked file changed. Works offline after the install.
project.preCompileTask.exec('node tools/tree.mjs remember');
project.compileTask.reset('node tools/build.mjs');
// It would throw away what was not pushed.
project.removeTask('clobber');
project.addTask('docs', { description: 'Write the parts of README.md and docs/ that come from code', exec: 'node tools/docs.mjs' });
project.postCompileTask.exec('node tools/docs.mjs');
const lint = project.addTask('lint', { description: 'Lint everything; changes nothing', exec: 'eslint --max-warnings 0 .' });
const typecheck = project.addTask('typecheck', { description: 'Check all types, tests and examples included', exec: 'tsc -p tsconfig.dev.json' });
typecheck.exec('tsc -p runtime/tsconfig.json');
project.testTask.reset();
project.testTask.spawn(lint);
project.testTask.spawn(typecheck);
project.testTask.exec('jest --ci');
project.testTask.exec('jest --ci --forceExit -c runtime/jest.config.json');
project.testTask.exec('node tools/tree.mjs check');
project.addTask('imports', { description: 'Generate imports/ anew from the pinned CRDs (needs Go)', exec: 'tsx imports/generate/main.ts' });
project.addTask('goldens', { description: 'Write the expected files of examples and cases anew: read the difference before you commit it', exec: 'node tools/goldens.mjs' });

// ---- lint: who may import whom, and how big things may grow (design: lint errors, not advice) -----------------------------------
const RUNTIME = 'runtime/src';
const zone = (target: string, from: string[], message: string, except?: string[]) =>
  from.map((f) => ({ target: `./${target}`, from: `./${f}`, message, ...(except ? { except } : {}) }));
const runtimeRooms = ['source', 'xds', 'ca', 'inject', 'agent', 'local', 'simulate', 'list-checker'];
const inRuntime = (...rooms: string[]) => rooms.map((room) => `${RUNTIME}/${room}`);
const zones = [
  ...zone('imports', ['src', 'examples', 'test', 'runtime'], 'imports is the lowest layer of the library'),
  ...zone('src', ['examples', 'test', 'runtime'], 'the library knows neither its examples nor the runtime'),
  ...zone('examples', ['test', 'runtime'], 'examples import the package cdk8s-istio'),
  ...zone(RUNTIME, ['src'], 'the runtime shares src/sidecar.ts only', ['./sidecar.ts', './sidecar-probes.ts']),
  ...zone(RUNTIME, ['examples', 'test'], 'the runtime does not know the examples'),
  ...zone(`${RUNTIME}/model`, inRuntime('source', 'features', 'compile', 'xds', 'control', 'inject', 'agent', 'local', 'engine', 'cli', 'istio', 'kubernetes', 'envoy'), 'model imports nothing'),
  ...zone(`${RUNTIME}/features`, inRuntime('compile', 'control', 'engine', 'cli', ...runtimeRooms), 'model ← features ← compile'),
  ...zone(`${RUNTIME}/compile`, inRuntime('control', 'engine', 'cli', ...runtimeRooms), 'compile sees features, model and the typed leaves only'),
  ...zone(`${RUNTIME}/control`, inRuntime('engine', 'cli', 'local', 'agent'), 'compile ← control ← engine'),
  ...zone(`${RUNTIME}/engine`, inRuntime('cli'), 'engine ← cli'),
  ...runtimeRooms.flatMap((room) => zone(
    `${RUNTIME}/${room}`,
    inRuntime('compile', 'features', 'control', 'engine', 'cli', ...runtimeRooms.filter((other) => other !== room && !(room === 'source' && other === 'inject'))),
    'source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them',
  )),
  ...['istio', 'gateway-api', 'kubernetes', 'envoy'].flatMap((leaf) => zone(
    `${RUNTIME}/${leaf}`, inRuntime('compile', 'features', 'control', 'engine', 'cli', ...runtimeRooms), 'leaves only decode and encode',
  )),
];
zones.push(...[...inRuntime('compile', 'features', ...runtimeRooms.filter((room) => room !== 'source'))].flatMap((target) => zone(
  target, [`${RUNTIME}/kubernetes/api`], 'talking to an API server is for source and control; what is pure sees the kinds only',
)));
const forbid = (regex: string, message: string) => ({ 'no-restricted-imports': ['error', { patterns: [{ regex, message }] }] });
const eslintConfig = [
  { ignores: ['**/node_modules/', 'lib/', 'runtime/lib/', '**/dist/', '.cache/'] },
  {
    files: ['**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 500 }],
      'max-lines-per-function': ['error', { max: 80 }],
      'max-params': ['error', 4],
      'prefer-const': 'error',
      'eqeqeq': ['error', 'always', { null: 'ignore' }],
      'no-shadow': 'off',
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-duplicates': ['error', { 'prefer-inline': false }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@stylistic/semi': 'error',
      '@stylistic/quotes': ['error', 'single', { avoidEscape: true, allowTemplateLiterals: 'always' }],
      '@stylistic/comma-dangle': ['error', 'always-multiline'],
      '@stylistic/indent': ['error', 2, { SwitchCase: 1 }],
      '@stylistic/max-len': ['error', { code: 180, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }],
      '@stylistic/eol-last': 'error',
      '@stylistic/no-trailing-spaces': 'error',
      '@stylistic/no-multiple-empty-lines': ['error', { max: 1 }],
    },
  },
  { files: ['**/test/**/*.ts'], rules: { 'max-lines-per-function': 'off' } },
  { files: ['examples/**/*.ts'], rules: forbid('\\.\\./(src|imports)(/|$)', 'examples import the package cdk8s-istio') },
  { files: [`${RUNTIME}/**/*.ts`], rules: forbid('imports/(istio|gateway-api)/(?!.*\\.types$)', 'the runtime takes the types of imports only: the classes import cdk8s') },
  { files: [`${RUNTIME}/features/*/read*.ts`], rules: forbid('/envoy(/|$)', 'read never sees envoy') },
  { files: [`${RUNTIME}/features/*/emit*.ts`], rules: forbid('/(istio|gateway-api|kubernetes)(/|$)', 'emit never sees istio, gateway-api or kubernetes') },
  { files: [`${RUNTIME}/features/*/model*.ts`], rules: forbid('^\\.\\./(?!\\.)', 'rooms never import rooms') },
  // Generated files are exempt and carry a header that names their generator.
  {
    files: ['imports/istio/*.ts', 'imports/gateway-api/*.ts', 'imports/checks/{istio,gateway-api}/*.ts', 'imports/checks/kinds.ts', `${RUNTIME}/envoy/types/**/*.ts`, `${RUNTIME}/envoy/descriptor*.ts`],
    rules: { 'max-lines': 'off', 'max-lines-per-function': 'off', '@stylistic/max-len': 'off', '@stylistic/quotes': 'off' },
  },
];
new TextFile(project, 'eslint.config.mjs', {
  marker: false,
  lines: [
    '// Generated from .projenrc.ts: edit there and run `npx projen`.',
    "import stylistic from '@stylistic/eslint-plugin';",
    "import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';",
    "import importX from 'eslint-plugin-import-x';",
    "import tseslint from 'typescript-eslint';",
    '',
    "const resolver = createTypeScriptImportResolver({ project: 'tsconfig.dev.json' });",
    `const config = ${JSON.stringify(eslintConfig, null, 2)};`,
    '',
    "const plugins = { '@typescript-eslint': tseslint.plugin, '@stylistic': stylistic, 'import-x': importX };",
    'const shared = {',
    "  files: ['**/*.ts'],",
    '  plugins,',
    '  languageOptions: { parser: tseslint.parser },',
    "  settings: { 'import-x/resolver-next': [resolver], 'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] } },",
    '};',
    'export default [shared, ...config];',
  ],
});

// ---- runtime: the image and the `mesh` command -----------------------------------------------------------------------------------
new JsonFile(project, 'runtime/package.json', {
  obj: {
    name: 'cdk8s-istio-runtime',
    version,
    description: 'The runtime of cdk8s-istio: control plane, agent and the `mesh` command, with real Envoys.',
    license: 'Apache-2.0',
    author,
    bin: { mesh: 'lib/mesh.js' },
    files: ['lib/mesh.js', 'README.md', 'LICENSE'],
    engines: { node: '>=20' },
    // Everything is bundled into lib/mesh.js.
    devDependencies: {
      '@grpc/grpc-js': '1.14.7',
      'protobufjs': '8.8.1',
      'js-yaml': '4.3.2',
      'commander': '14.0.3',
      'picocolors': '1.1.1',
      'listr2': '9.0.4',
      'pino': '10.4.0',
      'prom-client': '15.1.3',
      're2js': '2.10.0',
      'ipaddr.js': '2.5.0',
      'ws': '8.23.0',
      '@types/ws': '8.18.2',
      'dns-packet': '5.6.1',
      '@types/dns-packet': '5.6.5',
      'ajv': '8.20.0',
      '@peculiar/x509': '2.2.0',
      'reflect-metadata': '0.2.2',
    },
  },
});
// ---- TypeScript and tests ---------------------------------------------------------------------------------------------------------
const compilerOptions = {
  target: 'ES2022',
  lib: ['es2022'],
  module: 'CommonJS',
  moduleResolution: 'bundler',
  rootDir: '.',
  types: ['node'],
  strict: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  esModuleInterop: true,
  resolveJsonModule: true,
  isolatedModules: true,
  skipLibCheck: true,
};
new JsonFile(project, 'tsconfig.json', {
  obj: {
    compilerOptions: { ...compilerOptions, outDir: 'lib', declaration: true, stripInternal: true },
    include: ['src/**/*.ts', 'imports/**/*.ts'],
    exclude: ['node_modules', 'imports/generate'],
  },
});
new JsonFile(project, 'tsconfig.dev.json', {
  obj: {
    compilerOptions: { ...compilerOptions, types: ['node', 'jest'], noEmit: true, paths: { 'cdk8s-istio': ['./src/index.ts'] } },
    include: ['.projenrc.ts', 'src/**/*.ts', 'imports/**/*.ts', 'examples/**/*.ts', 'test/**/*.ts', 'tools/**/*.ts'],
    exclude: ['node_modules', 'runtime'],
  },
});
const jest = (folder: string) => ({
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // No test depends on speed: many are run beside each other on two cores, and what hangs is found as well after a minute.
  testTimeout: 60_000,
  moduleNameMapper: { '^cdk8s-istio$': `${folder}/src/index.ts` },
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: `${folder}/tsconfig.dev.json` }] },
});
new JsonFile(project, 'jest.config.json', { obj: { ...jest('<rootDir>'), testPathIgnorePatterns: ['/node_modules/', '<rootDir>/runtime/'] } });
new JsonFile(project, 'runtime/jest.config.json', { obj: jest('<rootDir>/..') });
new JsonFile(project, 'runtime/tsconfig.json', {
  obj: {
    extends: '../tsconfig.dev.json',
    compilerOptions: { rootDir: '..', noEmit: true },
    include: ['src/**/*.ts', 'test/**/*.ts'],
    exclude: ['node_modules', 'lib'],
  },
});
new TextFile(project, '.npmrc', { lines: ['omit-lockfile-registry-resolved=true', 'fund=false', 'audit=false', 'update-notifier=false'] });

project.defaultTask?.reset('tsx .projenrc.ts');
project.synth();
