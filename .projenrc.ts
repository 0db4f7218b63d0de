import { JsonFile, TextFile, javascript } from 'projen';

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
project.package.addField('engines', { node: '>=20' });

// Plain Node scripts: they work in a fresh clone, before any install.
for (const script of ['start', 'test', 'bench'] as const) {
  project.package.setScript(script, `node tools/${script}.mjs`);
}

// ---- tasks: `npx projen build` is the one developer command -----------------------------------------------------------------
project.compileTask.reset('tsc --build tsconfig.json');
project.compileTask.exec('node tools/build.mjs');
const typecheck = project.addTask('typecheck', { description: 'Check the types of everything, tests and examples included', exec: 'tsc -p tsconfig.dev.json --noEmit' });
typecheck.exec('tsc -p runtime/tsconfig.json');
const lint = project.addTask('lint', { description: 'Lint everything; changes nothing', exec: 'eslint --max-warnings 0 .' });
project.testTask.reset();
project.testTask.spawn(typecheck);
project.testTask.spawn(lint);
project.testTask.exec('jest --ci');
project.testTask.exec('jest --ci -c runtime/jest.config.json');
project.addTask('docs', { description: 'Write the generated parts of README.md and docs/', exec: 'node tools/docs.mjs' });
project.addTask('imports', { description: 'Generate imports/ again from the pinned CRDs (needs Go)', exec: 'tsx imports/generate/main.ts' });
project.addTask('goldens', { description: 'Write the expected files of examples and cases anew: read the difference before you commit it', exec: 'node tools/goldens.mjs' });
project.postCompileTask.exec('node tools/docs.mjs');

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
      'dns-packet': '5.6.1',
      '@types/dns-packet': '5.6.5',
      'ajv': '8.20.0',
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
    include: ['.projenrc.ts', 'src/**/*.ts', 'imports/**/*.ts', 'examples/**/*.ts', 'test/**/*.ts'],
    exclude: ['node_modules', 'runtime'],
  },
});
const jest = (folder: string) => ({
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
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
