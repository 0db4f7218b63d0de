// The compiler on a big mesh, against the same on a tenth of it: an edit must not cost more where the mesh is bigger.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../install.mjs';
import { round1 } from './measure.mjs';

const measure = (services) => JSON.parse(execFileSync(process.execPath, ['--import', 'tsx', join(root, 'tools/bench/compile-mesh.ts'), String(services)], { cwd: root, encoding: 'utf8' }));

export function compileTime() {
  const [small, big] = [100, 1000].map(measure);
  return [
    { name: 'controllers, 1,000 services with two versions', value: Math.round(big.world), unit: 'ms', versus: `100 services ${round1(small.world)} ms` },
    { name: 'compile 1,000 services for one proxy', value: Math.round(big.first), unit: 'ms', versus: `100 services ${round1(small.first)} ms; ${Math.round(big.kilobytes)} KB encoded` },
    { name: 'one edited VirtualService among 1,000 services', value: round1(big.edit), unit: 'ms', versus: `among 100 services ${round1(small.edit)} ms` },
  ];
}
