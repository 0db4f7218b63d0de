import { Warmth } from '../../src/engine/warmth';

/** Says each time it is asked what comes next, and the last word for ever. */
class Proxy {
  public asked = 0;

  public constructor(private readonly words: readonly boolean[]) {}

  public isWarm(): Promise<boolean> {
    return Promise.resolve(this.words[Math.min(this.asked++, this.words.length - 1)] as boolean);
  }
}

const progress = (taken: Readonly<Record<string, number>>) => Object.entries(taken).map(([node, count]) => ({ node, synced: true, taken: count }));

test('waits until all are warm, and asks only those that have taken something since', async () => {
  const proxies = new Map([['slow', new Proxy([false, false, true])], ['quick', new Proxy([true])]]);
  const warmth = new Warmth();
  await warmth.wait(() => progress({ slow: 1, quick: 1, elsewhere: 1 }), (node) => proxies.get(node));
  expect([...proxies.values()].map(({ asked }) => asked)).toEqual([3, 1]);

  await warmth.wait(() => progress({ slow: 1, quick: 2, elsewhere: 1 }), (node) => proxies.get(node));
  expect([...proxies.values()].map(({ asked }) => asked)).toEqual([3, 2]);
});

test('asks again who has taken more while he was asked, or who came back', async () => {
  const proxy = new Proxy([true]);
  const warmth = new Warmth();
  const counts = [1, 2];
  await warmth.wait(() => progress({ one: counts.shift() ?? 2 }), () => proxy);
  await warmth.wait(() => [], () => proxy);
  await warmth.wait(() => progress({ one: 2 }), () => proxy);
  expect(proxy.asked).toBe(2);
});

test('gives up who never gets warm, until he takes something else', async () => {
  const proxy = new Proxy([false]);
  const warmth = new Warmth(100);
  const begun = Date.now();
  await warmth.wait(() => progress({ cold: 1 }), () => proxy);
  expect(Date.now() - begun).toBeGreaterThanOrEqual(100);

  const { asked } = proxy;
  await warmth.wait(() => progress({ cold: 1 }), () => proxy);
  expect(proxy.asked).toBe(asked);
  await warmth.wait(() => progress({ cold: 2 }), () => proxy);
  expect(proxy.asked).toBeGreaterThan(asked);
});
