// Writes the expected files of the examples and of the runtime's cases, and the snapshot of the README's test, anew. Its own deliberate command: tests only compare. Read the difference before you commit it.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './install.mjs';
import { fail, run } from './terminal.mjs';

export async function writeGoldens() {
  const bin = (name) => join(root, 'node_modules', '.bin', name);
  await run(bin('tsx'), ['--tsconfig', 'tsconfig.dev.json', 'test/examples/write-goldens.ts'], { cwd: root });
  await run(bin('jest'), ['test/readme', '--updateSnapshot'], { cwd: root });
  await run(bin('tsx'), ['runtime/test/cases/write-goldens.ts'], { cwd: root });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeGoldens().catch(fail);
