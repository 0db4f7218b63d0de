// What the library costs beyond plain cdk8s: to load, to synthesize with all checks on, and to type-check.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../install.mjs';
import { paired, percentMore, round1 } from './measure.mjs';

const node = (args, options = {}) => execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', ...options });

export async function requireTime() {
  const [plain, ours] = await paired(15, () => node(['-e', "require('cdk8s')"]), () => node(['-e', "require('cdk8s'); require('cdk8s-istio')"]));
  return [{ name: 'require cdk8s-istio beyond cdk8s', value: round1(ours - plain), unit: 'ms', versus: `cdk8s alone ${round1(plain)} ms; goal ≤ 25` }];
}

/** One program writes a mesh with our constructs; the other writes the very same objects as plain ApiObjects. */
function synthesize(script, services, outdir) {
  return Number(node([join(root, 'tools/bench', script), String(services), outdir]).trim());
}

export async function synthTime() {
  const rows = [];
  const folder = mkdtempSync(join(tmpdir(), 'mesh-bench-'));
  try {
    for (const objects of [1000, 10000]) {
      const services = Math.round(objects / 5);
      const results = { ours: [], plain: [] };
      const rounds = objects > 5000 ? 3 : 7;
      for (let round = 0; round < rounds; round += 1) {
        results.ours.push(synthesize('synth-mesh.cjs', services, join(folder, 'ours')));
        results.plain.push(synthesize('synth-plain.cjs', services, join(folder, 'ours')));
      }
      const [ours, plain] = [results.ours, results.plain].map((times) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)]);
      const written = readdirSync(join(folder, 'ours')).filter((name) => name.endsWith('.yaml'));
      const count = written.reduce((n, name) => n + readFileSync(join(folder, 'ours', name), 'utf8').split(/^---$/m).length, 0);
      rows.push({ name: `synth ${count} objects`, value: round1(ours), unit: 'ms', versus: `same objects as plain cdk8s ${round1(plain)} ms: ${percentMore(ours, plain)}; goal ≤ +15 %` });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}

export async function typeCheckTime() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const options = ['--ignoreConfig', '--noEmit', '--strict', '--target', 'ES2022', '--module', 'NodeNext', '--skipLibCheck', '--types', 'node'];
  const [plain, ours] = await paired(3,
    () => node([tsc, ...options, join(root, 'tools/bench/plain-example.ts')]),
    () => node([tsc, ...options, join(root, 'examples/bookinfo/main.ts')]));
  return [{ name: 'type-check examples/bookinfo', value: Math.round(ours), unit: 'ms', versus: `a program of cdk8s alone ${Math.round(plain)} ms` }];
}
