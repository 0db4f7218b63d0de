import { spawnSync } from 'node:child_process';
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
    const { status, stderr, stdout } = spawnSync(path, ['--mode', 'validate', '-c', config, '--disable-hot-restart', '-l', 'error'], { encoding: 'utf8' });
    return status === 0 ? '' : `${status}: ${stderr}${stdout}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
