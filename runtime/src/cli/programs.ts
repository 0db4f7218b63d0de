/** What pods and the engine start, by the first word: they read their own arguments. */
const PROGRAMS: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  agent: async (args) => (await import('../agent/agent')).runAgent(args),
  capture: async (args) => (await import('../agent/run-capture')).runCapture(args),
  echo: async (args) => (await import('../local/echo')).runEcho(args),
  client: async () => {
    await (await import('../engine/client/program')).serveClient(process.stdin, process.stdout);
    return 0;
  },
  engine: async () => (await import('./engine')).runEngine(),
};

/** Runs one of them to its end; undefined where the word names none. */
export function runProgram(word: string, args: readonly string[]): Promise<number> | undefined {
  return Object.hasOwn(PROGRAMS, word) ? PROGRAMS[word]?.(args) : undefined;
}
