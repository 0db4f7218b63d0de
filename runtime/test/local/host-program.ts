import { checkHost } from '../../src/local/host-check';
import { launch } from '../../src/local/launch';

// A host process for tests that kill it: it launches what its arguments name, says where, and waits.
void (async () => {
  const { kind = 'user' } = await checkHost();
  const inside = await launch({ kind, command: process.argv.slice(2) });
  process.stdout.write(`${inside.runDirectory}\n`);
  process.exit(await inside.exited);
})();
