import { Listr } from 'listr2';
import pc from 'picocolors';

/** Steps that take time, shown while they work: live lines on a terminal, one plain line per step elsewhere. */
export class Progress {
  /** Where the steps are told: not where data is printed. */
  public constructor(private readonly out: NodeJS.WriteStream) {}

  /** `describe` adds to the line what came out. */
  public async step<T>(title: string, action: (tell: (text: string) => void) => Promise<T>, describe: (result: T) => string = () => ''): Promise<T> {
    return this.out.isTTY ? this.live(title, action, describe) : this.plain(title, action, describe);
  }

  private async live<T>(title: string, action: (tell: (text: string) => void) => Promise<T>, describe: (result: T) => string): Promise<T> {
    let result: T | undefined;
    const started = performance.now();
    const task = new Listr([{
      title,
      task: async (_context, line) => {
        result = await action((text) => { line.output = text; });
        line.title = doneLine(title, started, describe(result));
      },
    }], { rendererOptions: { showErrorMessage: false } });
    await task.run();
    return result as T;
  }

  private async plain<T>(title: string, action: (tell: (text: string) => void) => Promise<T>, describe: (result: T) => string): Promise<T> {
    const started = performance.now();
    const result = await action((text) => void this.out.write(`${text}\n`));
    this.out.write(`${pc.green('✔')} ${doneLine(title, started, describe(result))}\n`);
    return result;
  }
}

function doneLine(title: string, started: number, description: string): string {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  return [title, `${seconds} s`, description].filter(Boolean).join('   ');
}
