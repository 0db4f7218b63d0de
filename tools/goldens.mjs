// Writes the expected files of the examples, and the snapshot of the README's test, anew. Its own deliberate command: tests only compare. Read the difference before you commit it.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './install.mjs';
import { fail, run } from './terminal.mjs';

export async function writeExampleGoldens() {
  const bin = (name) => join(root, 'node_modules', '.bin', name);
  await run(bin('tsx'), ['--tsconfig', 'tsconfig.dev.json', 'test/examples/write-goldens.ts'], { cwd: root });
  await run(bin('jest'), ['test/readme', '--updateSnapshot'], { cwd: root });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeExampleGoldens().catch(fail);
