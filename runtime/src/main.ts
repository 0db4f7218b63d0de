import { runCommand } from './cli/commands';
import { runProgram } from './cli/programs';

/** Everything is loaded when it is needed only: the small programs are started many times. */
async function main(): Promise<void> {
  const [word = '', ...rest] = process.argv.slice(2);
  const code = await runProgram(word, rest) ?? await runCommand(process.argv);
  // Sockets and channels that are still open are nothing to wait for; what was printed is.
  process.stdout.write('', () => process.exit(code));
}

main().catch((error: unknown) => {
  // Whatever comes here is a mistake of ours; those of users have been told already.
  console.error(error);
  process.exitCode = 70;
});
