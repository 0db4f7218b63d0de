import { createInterface } from 'node:readline';

import type { Answer, Call, Load } from '../check/engine-port';
import { sendLoad } from './load';
import type { Target } from './target';

/** One line on standard input. */
export interface Order {
  readonly id: number;
  readonly call: Call;
  readonly load: Load;
  /** Where to connect instead of where the URL points; parallel senders take turns. */
  readonly targets?: readonly Target[];
}

/** One line on standard output, in the order in which orders are done. */
export interface Delivery {
  readonly id: number;
  readonly answers: readonly Answer[];
}

/** `mesh client`: sends calls from where it runs (a pod's network), told by JSON lines, until its input ends. */
export async function serveClient(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Promise<void> {
  const running = new Set<Promise<void>>();
  for await (const line of createInterface({ input })) {
    const { id, call, load, targets } = JSON.parse(line) as Order;
    const done = sendLoad(call, load, targets).then((answers) => {
      output.write(`${JSON.stringify({ id, answers } satisfies Delivery)}\n`);
      running.delete(done);
    });
    running.add(done);
  }
  await Promise.all(running);
}
