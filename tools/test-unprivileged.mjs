// The mesh needs no root: the built Bookinfo example runs and is checked under an ordinary user with nothing but its own copy of the files.
import { chmodSync, chownSync, cpSync, mkdtempSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './install.mjs';
import { checkExample } from './test-examples.mjs';

const USER = 54321;

function giveTo(path, uid) {
  chownSync(path, uid, uid);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) giveTo(join(path, entry.name), uid);
    else if (!entry.isSymbolicLink()) chownSync(join(path, entry.name), uid, uid);
  }
}

export async function testUnprivileged() {
  // Not root: every example of this run was an ordinary user's already.
  if (process.getuid() !== 0) return { skipped: 1 };
  const home = mkdtempSync(join(tmpdir(), 'mesh-user-'));
  try {
    mkdirSync(join(home, 'cache'));
    const cached = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'cdk8s-istio');
    cpSync(cached, join(home, 'cache', 'cdk8s-istio'), { recursive: true, filter: (from) => !from.includes('/run/') });
    cpSync(join(root, 'runtime/lib/mesh.js'), join(home, 'mesh.js'));
    cpSync(join(root, 'examples/bookinfo/dist'), join(home, 'bookinfo/dist'), { recursive: true });
    cpSync(join(root, 'examples/bookinfo/checks.yaml'), join(home, 'bookinfo/checks.yaml'));
    cpSync(join(root, 'examples/apps/dist'), join(home, 'apps/dist'), { recursive: true });
    cpSync(join(root, 'examples/bookinfo/cdk8s.yaml'), join(home, 'bookinfo/cdk8s.yaml'));
    chmodSync(home, 0o755);
    giveTo(home, USER);
    const env = { PATH: process.env.PATH, HOME: home, XDG_CACHE_HOME: join(home, 'cache') };
    return await checkExample({ mesh: join(home, 'mesh.js'), folder: 'bookinfo', manifests: 'bookinfo/dist' }, { cwd: home, env, uid: USER, gid: USER });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
