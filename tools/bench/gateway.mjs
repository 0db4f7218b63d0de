// Big gateways: one with a thousand hosts, one with ten thousand routes.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../install.mjs';
import { round1 } from './measure.mjs';

const measure = (shape, count) => JSON.parse(execFileSync(
  process.execPath, ['--import', 'tsx', join(root, 'tools/bench/gateway-mesh.ts'), shape, String(count)], { cwd: root, encoding: 'utf8' },
));
const megabytes = (kilobytes) => Math.round(kilobytes / 1024);

export function gatewayFigures() {
  return [['hosts', 1_000], ['routes', 10_000]].flatMap(([shape, count]) => {
    const [small, big] = [count / 10, count].map((some) => measure(shape, some));
    const name = `gateway of ${count.toLocaleString('en')} ${shape}`;
    return [
      { name: `${name}: compile`, value: Math.round(big.compile), unit: 'ms', versus: `a tenth of them ${round1(small.compile)} ms; ${Math.round(big.kilobytes)} KB encoded` },
      { name: `${name}: longest stretch of that`, value: Math.round(big.longest), unit: 'ms', versus: `goal ≤ 100; a tenth of them ${round1(small.longest)} ms` },
      { name: `${name}: one edited VirtualService`, value: round1(big.edit), unit: 'ms', versus: `in a tenth of them ${round1(small.edit)} ms` },
      { name: `${name}: resident memory of its Envoy`, value: megabytes(big.memory), unit: 'MB', versus: `a tenth of them ${megabytes(small.memory)} MB, nothing ${megabytes(big.idle)} MB` },
    ];
  });
}
