import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';

import { findProjects, synthesize } from '../../src/cli/up/project';
import { startMeshCommand } from './run-mesh';

jest.setTimeout(120_000);

const ROOT = join(__dirname, '../../..');
const MAIN = `
import { App, Chart } from 'cdk8s';
import { CanaryRoute, Gateway, Mesh, MeshService } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'shop', { namespace: 'shop' });
const mesh = new Mesh(chart, 'mesh');
const versions = { v1: { image: 'example/reviews:1' }, v2: { image: 'example/reviews:2' } };
const reviews = new MeshService(mesh, 'reviews', { port: 9080, versions });
new CanaryRoute(mesh, 'canary', { service: reviews, stable: 'v1', canary: 'v2', weight: 0 });
new Gateway(mesh, 'edge', { host: 'localhost' }).route(reviews);
app.synth();
`;

/** A project as a user has it: it finds the library by its name, and tsx among its packages. */
let folder: string;

beforeEach(() => {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  folder = mkdtempSync(join(ROOT, '.cache', 'project-'));
  writeFileSync(join(folder, 'main.ts'), MAIN);
  writeFileSync(join(folder, 'cdk8s.yaml'), 'language: typescript\napp: tsx main.ts\n');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function edit(from: string, to: string): void {
  const file = join(folder, 'main.ts');
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
}

describe('synthesis', () => {
  test('writes the manifests, changes files only where they differ, and removes those that are gone', async () => {
    const [project] = findProjects([folder]);
    const { objects } = await synthesize(project!);
    const manifest = join(folder, 'dist', 'shop.k8s.yaml');
    const written = readFileSync(manifest, 'utf8');
    writeFileSync(join(folder, 'dist', 'old.k8s.yaml'), '');
    edit('weight: 0', 'weight: 7');
    await synthesize(project!);

    expect(objects).toBe(written.match(/^kind:/gm)?.length);
    expect(readFileSync(manifest, 'utf8')).toContain('weight: 7');
    expect(readdirSync(join(folder, 'dist'))).toEqual(['shop.k8s.yaml']);
    expect(readdirSync(folder).sort()).toEqual(['cdk8s.yaml', 'dist', 'main.ts']);
  });

  test('that fails tells what the program wrote, and changes nothing', async () => {
    const [project] = findProjects([folder]);
    edit('weight: 0', 'weight: 101');

    await expect(synthesize(project!)).rejects.toThrow(/`tsx main.ts` in .* ended with code 1[\s\S]*canary/);
    expect(existsSync(join(folder, 'dist'))).toBe(false);
  });

  test('needs to know the command', () => {
    writeFileSync(join(folder, 'cdk8s.yaml'), 'language: typescript\n');

    expect(() => findProjects([folder])).toThrow('has no app: write the command that synthesizes');
    expect(findProjects([join(folder, 'main.ts')])).toEqual([]);
  });
});

test('a running mesh follows the program: no request is lost, and a mistake leaves it as it was', async () => {
  const child = startMeshCommand(['up', folder, '--watch', '--port', '0']);
  let out = '';
  let err = '';
  let over = false;
  child.stdout?.on('data', (chunk: Buffer) => { out += chunk.toString(); });
  child.stderr?.on('data', (chunk: Buffer) => { err += chunk.toString(); });
  try {
    await until(() => /http:\/\/localhost:(\d+)\//.test(out), () => out + err);
    const port = Number(/http:\/\/localhost:(\d+)\//.exec(out)?.[1]);
    const answers: string[] = [];
    const calls = (async () => {
      while (!over) {
        answers.push(await ask(port));
      }
    })();
    edit('weight: 0', 'weight: 101');
    await until(() => err.includes('the mesh stays as it was'), () => err);
    edit('weight: 101', 'weight: 100');
    await until(() => answers.at(-1)?.startsWith('200 reviews-v2') === true, () => `${answers.at(-1)}\n${err}`);
    over = true;
    await calls;

    expect(out).toContain(`edit ${join('.cache', folder.slice(folder.lastIndexOf('/') + 1), 'main.ts')}`);
    expect(new Set(answers.map((answer) => answer.slice(0, 14)))).toEqual(new Set(['200 reviews-v1', '200 reviews-v2']));
  } finally {
    over = true;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  }
});

async function until(condition: () => boolean, describe: () => string): Promise<void> {
  for (const deadline = Date.now() + 60_000; !condition();) {
    if (Date.now() > deadline) {
      throw new Error(`nothing for a minute: ${describe()}`);
    }
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

/** Status and pod of an answer at the edge. */
function ask(port: number): Promise<string> {
  return new Promise((resolve) => {
    request({ port, agent: false, headers: { host: 'localhost' } }, (response) => {
      response.resume().on('end', () => resolve(`${response.statusCode} ${response.headers['x-served-by']}`));
    }).on('error', (error) => resolve(error.message)).end();
  });
}
