// Mutual TLS between two pods: how much goes through, beside a pair of Envoys with a configuration written by hand; and what a request
// feels while certificates are replaced.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../install.mjs';
import { round1 } from './measure.mjs';

const measure = (what) => JSON.parse(execFileSync(
  process.execPath, ['--import', 'tsx', join(root, 'tools/bench/mtls-mesh.ts'), what], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
));

export function mtlsFigures() {
  const { mesh, hand, ratio, handshakes } = measure('throughput');
  return [{
    name: 'requests per second by mutual TLS, sidecar to sidecar', value: Math.round(mesh), unit: '/s',
    versus: `an Envoy pair written by hand ${Math.round(hand)}: ${Math.round(ratio * 100)} % (median of rounds in turn), goal ≥ 97 %${handshakes > 0 ? '' : '; NO HANDSHAKE WAS SEEN'}`,
  }];
}

export function rotationFigures() {
  const { steady, rotating, failures, rotations } = measure('rotation');
  return [{
    name: 'p99 of requests while certificates live for 4 s', value: round1(rotating), unit: 'ms',
    versus: `those of a day at the same time ${round1(steady)} ms, goal ≤ +20 ms; ${rotations} certificates, ${failures} failed requests`,
  }];
}
