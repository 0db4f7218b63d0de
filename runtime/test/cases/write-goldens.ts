import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { GOLDENS, PROBLEMS, compileCase, findCases, problemLines, readYaml, resourceOf } from './case';

/**
 * Writes the goldens of all cases anew, each with the resources that it names already (a new one names them with `~`). Its own deliberate
 * command, `npx tsx runtime/test/cases/write-goldens.ts`: tests only compare; `ONLY=jwt` in the environment chooses some. Read the difference before you commit it.
 */
function writeGoldens(): void {
  for (const one of findCases().filter(({ name }) => name.startsWith(process.env.ONLY ?? ''))) {
    const compiled = compileCase(one);
    for (const golden of Object.keys(GOLDENS) as (keyof typeof GOLDENS)[]) {
      const file = join(one.folder, golden);
      const names = existsSync(file) ? Object.keys(readYaml(file)) : [];
      const resources = names.map((name) => [name, resourceOf(one, compiled, golden, name)] as const);
      const missing = resources.filter(([, resource]) => resource === undefined).map(([name]) => name);
      if (missing.length > 0) {
        throw new Error(`${one.name}/${golden}: nothing is called ${missing.join(', ')}`);
      }
      if (names.length > 0) {
        writeFileSync(file, dump(Object.fromEntries(resources), { lineWidth: -1, noRefs: true }));
      }
    }
    const problems = problemLines(compiled.problems);
    if (problems.length > 0) {
      writeFileSync(join(one.folder, PROBLEMS), dump(problems, { lineWidth: -1 }));
    }
  }
}

writeGoldens();
