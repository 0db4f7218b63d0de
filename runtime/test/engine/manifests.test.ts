import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { CanaryRoute, Gateway, Mesh, MeshService } from 'cdk8s-istio';
import { buildSync } from 'esbuild';

import type { Answer } from '../../src/engine/check';
import { findEnvoy } from '../../src/local/envoy-binary';
import { checkHost } from '../../src/local/host-check';
import { launch, type Inside } from '../../src/local/launch';
import type { KubeletCall, KubeletOptions } from './kubelet';
import { BUNDLE, get, statuses } from './test-mesh';

jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), 'manifests-'));
let inside: Inside | undefined;

/** A container runs as its own user: only root may do that. */
const asRoot = process.getuid?.() === 0 ? test : test.skip;

beforeAll(() => {
  const app = new App({ outdir: join(folder, 'dist') });
  const chart = new Chart(app, 'shop', { namespace: 'shop' });
  const mesh = new Mesh(chart, 'mesh');
  const versions = { v1: { image: 'example/reviews:1' }, v2: { image: 'example/reviews:2' } };
  const reviews = new MeshService(mesh, 'reviews', { port: 9080, versions });
  new MeshService(mesh, 'page', { port: 9080, versions: { v1: { image: 'example/page:1' } }, calls: [reviews] });
  new CanaryRoute(mesh, 'reviews-canary', { service: reviews, stable: 'v1', canary: 'v2', weight: 100 });
  new Gateway(mesh, 'edge', { host: 'shop.example.com' }).route(reviews);
  app.synth();
  buildSync({ entryPoints: [join(__dirname, 'kubelet.ts')], bundle: true, platform: 'node', outfile: join(folder, 'kubelet.js'), logLevel: 'error' });
});

afterAll(async () => {
  await inside?.close();
  rmSync(folder, { recursive: true, force: true });
});

asRoot('the emitted containers make a mesh: capture, agents and control plane with their own arguments, environment and users', async () => {
  inside = await launch({ kind: (await checkHost()).kind ?? 'root', command: [process.execPath, join(folder, 'kubelet.js')] });
  const { channel } = inside;
  const options: KubeletOptions = { bundle: BUNDLE, envoy: (await findEnvoy()).path, manifests: join(folder, 'dist') };
  await channel.call('start', options);
  const send = (call: KubeletCall) => channel.call<Answer[]>('send', call);
  const toReviews = { from: 'page', call: get('http://reviews:9080/'), load: { times: 50, parallel: 2 } };
  await eventually(() => send({ ...toReviews, load: { times: 1, parallel: 1 } }), ([answer]) => answer?.headers.server === 'envoy');

  const answers = await send(toReviews);
  expect(statuses(answers)).toEqual({ 200: 50 });
  // Routing and capture of the caller's sidecar, by user 1337: everything goes to the canary.
  expect(answers.filter(({ headers }) => headers['x-served-by']?.startsWith('reviews-v2-'))).toHaveLength(50);

  const atTheEdge = { from: 'page', call: get('http://edge/', { headers: { host: 'shop.example.com' } }), load: { times: 10, parallel: 1 } };
  await eventually(() => send(atTheEdge), (edge) => statuses(edge)['200'] === 10);
  const [refused] = await send({ ...atTheEdge, call: get('http://edge/') });
  expect(refused?.status).toBe(404);
});

async function eventually(action: () => Promise<Answer[]>, fits: (answers: Answer[]) => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (let answers = await action(); !fits(answers); answers = await action()) {
    if (Date.now() > deadline) {
      throw new Error(`still wrong after a minute: ${JSON.stringify(answers.slice(0, 2))}`);
    }
    await new Promise((wake) => setTimeout(wake, 200));
  }
}
