import { InsideEngine } from '../engine/inside';
import { insideContext } from '../local/launch';
import { meshCommand } from './mesh-command';

/** The engine inside the namespaces, started by `mesh up` and by tests. */
export async function runEngine(): Promise<number> {
  const context = insideContext();
  if (!context) {
    process.stderr.write('error: mesh engine is started by mesh up, inside namespaces of its own\n');
    return 2;
  }
  const engine = new InsideEngine(context, meshCommand());
  await new Promise<void>((resolve) => {
    context.channel.onClose(resolve);
    process.once('SIGTERM', () => resolve());
  });
  await engine.close();
  return 0;
}
