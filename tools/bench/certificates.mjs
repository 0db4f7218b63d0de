// Certificates signed on one core: by CPU time, so that what else the machine does, and its other cores, count for nothing.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../install.mjs';

export function certificateFigures() {
  const { ecdsa, rsa, served } = JSON.parse(execFileSync(process.execPath, ['--import', 'tsx', join(root, 'tools/bench/certificates-authority.ts')], { cwd: root, encoding: 'utf8' }));
  const rounded = [ecdsa, rsa, served].map(Math.round);
  return [
    { name: 'certificates signed on one core', value: rounded[0], unit: '1/s', versus: `goal ≥ 250; by an authority with an RSA key of 2048 bits ${rounded[1]}` },
    { name: 'certificates served on one core', value: rounded[2], unit: '1/s', versus: 'over gRPC with a join token each, the client’s work included' },
  ];
}
