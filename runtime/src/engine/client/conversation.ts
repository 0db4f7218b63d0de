import type { Conversation } from '../check/engine-port';
import { timedOut } from './target';

/** What a connection tells the conversation that is held over it. */
export interface Line {
  /** So many answers have come by now. */
  onAnswers(count: number): void;
  /** The other side has ended, and what came is the answer. */
  onEnd(): void;
  onError(error: Error): void;
}

/** What a conversation does with a connection. */
export interface Ends {
  write(text: string): void;
  /** All that was received. */
  text(): string;
  close(): void;
}

/** Says one text after the other, each when the one before is answered, and gives all that came back. */
export function converse(plan: Conversation, open: (line: Line) => Ends): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = 0;
    let pause: NodeJS.Timeout | undefined;
    const finish = (error?: Error) => {
      clearTimeout(timer);
      clearTimeout(pause);
      const text = ends.text();
      ends.close();
      if (error) {
        reject(error);
      } else {
        resolve(text);
      }
    };
    const say = () => {
      pause = undefined;
      ends.write(plan.send[said++]);
    };
    const next = (answers: number) => {
      if (answers < Math.max(said + (plan.greeting ? 1 : 0), 1)) {
        return;
      }
      if (said === plan.send.length) {
        finish();
      } else {
        pause ??= setTimeout(say, said === 0 ? 0 : plan.pauseMs);
      }
    };
    const timer = setTimeout(() => finish(timedOut(plan.timeoutMs)), plan.timeoutMs);
    const ends = open({ onAnswers: next, onEnd: () => finish(), onError: finish });
    if (!plan.greeting && plan.send.length > 0) {
      say();
    }
  });
}
