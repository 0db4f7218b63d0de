/** Prints how the suites of a folder went. Ends with 1 if something failed that is not known to differ. */
import { readAuthorizationSuite, replayAccess } from '../../runtime/test/suites/authorization-suite';
import { readRoutingSuite, replayMesh } from '../../runtime/test/suites/routing-suite';
import { readValidationSuite, replayValidation } from '../../test/imports/validation-suite';

interface Line {
  readonly name: string;
  readonly differences: readonly string[];
  readonly reason?: string;
}

function routing(folder: string): Line[] | undefined {
  return readRoutingSuite(folder)?.flatMap((mesh): Line[] => {
    try {
      return replayMesh(mesh).map(({ call, ...rest }) => ({ name: `${mesh.name}: ${call}`, ...rest }));
    } catch (error) {
      return mesh.calls.map(({ name }) => ({ name: `${mesh.name}: ${name}`, differences: [`cannot be replayed: ${(error as Error).message}`] }));
    }
  });
}

function validation(folder: string): Line[] | undefined {
  return readValidationSuite(folder)?.map((each) => ({ name: `${each.kind} ${each.name}`, differences: replayValidation(each) }));
}

function authorization(folder: string): Line[] | undefined {
  return readAuthorizationSuite(folder)?.map(replayAccess);
}

/** Prints one suite and returns how many of its lines failed for no known reason. */
function print(title: string, lines: readonly Line[] | undefined): number {
  if (!lines) {
    console.log(`${title}: not in this folder, skipped\n`);
    return 0;
  }
  const wrong = lines.filter(({ differences }) => differences.length > 0);
  for (const { name, differences, reason } of wrong) {
    console.log(`${reason ? '–' : '✖'} ${name}\n    ${differences.join('\n    ')}${reason ? `\n    known: ${reason}` : ''}`);
  }
  const failed = wrong.filter(({ reason }) => reason === undefined).length;
  console.log(`${title}: ${lines.length - wrong.length} passed, ${failed} failed, ${wrong.length - failed} known to differ\n`);
  return failed;
}

const folder = process.argv[2];
process.exitCode = print('routing', routing(folder)) + print('validation', validation(folder)) + print('authorization', authorization(folder)) > 0 ? 1 : 0;
