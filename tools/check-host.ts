// Says, before anything is built, whether this machine can run a mesh. Run by tools/start.mjs and tools/test.mjs through tsx.
import { checkHost, formatRefusal } from '../runtime/src/local/host-check';

void checkHost().then(({ refusal }) => {
  if (refusal === undefined) return;
  console.error(formatRefusal(refusal));
  process.exitCode = 2;
});
