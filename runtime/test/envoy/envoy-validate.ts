import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findEnvoy } from '../../src/local/envoy-binary';

/** What a real Envoy says of a bootstrap: empty if it accepts it. */
export async function validate(bootstrap: unknown): Promise<string> {
  const { path } = await findEnvoy();
  const folder = mkdtempSync(join(tmpdir(), 'envoy-'));
  try {
    const config = join(folder, 'bootstrap.json');
    writeFileSync(config, JSON.stringify(bootstrap));
    const args = ['--mode', 'validate', '-c', config, '--disable-hot-restart', '-l', 'error'];
    return await new Promise((resolve) => execFile(path, args, { encoding: 'utf8', maxBuffer: Infinity }, (error, stdout, stderr) => {
      resolve(error ? `${error.code ?? error.signal}: ${stderr}${stdout}` : '');
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
