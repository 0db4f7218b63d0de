import { setTimeout as sleep } from 'node:timers/promises';
import type { KeySource } from '../../../src/model/key-set';
import { KeyStore } from '../../../src/source/keys';

const source = (uri: string): KeySource => ({ uri, issuer: 'a', timeout: 1000 });

/** An issuer whose answers change. */
class Answers {
  public answer: string | Error = 'first';
  public asked = 0;
  public changes = 0;
  public readonly store: KeyStore;

  public constructor(refreshEvery = 20, retryAfter = 10) {
    this.store = new KeyStore({
      fetch: () => {
        this.asked++;
        return this.answer instanceof Error ? Promise.reject(this.answer) : Promise.resolve(this.answer);
      },
      refreshEvery, retryAfter, onChange: () => { this.changes++; },
    });
  }

  public async until(holds: () => boolean): Promise<void> {
    for (const end = Date.now() + 5000; !holds() && Date.now() < end;) await sleep(5);
    expect(holds()).toBe(true);
  }
}

const stores: KeyStore[] = [];

function answers(...times: [refreshEvery?: number, retryAfter?: number]): Answers {
  const made = new Answers(...times);
  stores.push(made.store);
  return made;
}

afterEach(() => stores.splice(0).forEach((store) => store.close()));

test('keys are fetched once they are wanted, and looked at again', async () => {
  const issuer = answers();
  issuer.store.want([source('u')]);
  await issuer.store.settled(5000);
  expect(issuer.store.sets).toEqual([{ uri: 'u', issuer: 'a', jwks: 'first' }]);
  issuer.answer = 'second';
  await issuer.until(() => issuer.store.sets[0]?.jwks === 'second');
  expect(issuer.changes).toBe(2);
});

test('the last good keys are kept while the issuer is away', async () => {
  const issuer = answers();
  issuer.store.want([source('u')]);
  await issuer.store.settled(5000);
  issuer.answer = new Error('away');
  await issuer.until(() => issuer.store.sets[0]?.fault === 'away');
  expect(issuer.store.sets[0]?.jwks).toBe('first');
  issuer.answer = 'second';
  await issuer.until(() => issuer.store.sets[0]?.fault === undefined);
  expect(issuer.store.sets[0]?.jwks).toBe('second');
});

test('keys that never came are asked for again, ever more seldom', async () => {
  const issuer = answers(60_000, 10);
  issuer.answer = new Error('away');
  issuer.store.want([source('u')]);
  await issuer.store.settled(5000);
  expect(issuer.store.sets).toEqual([{ uri: 'u', issuer: 'a', fault: 'away' }]);
  issuer.answer = 'first';
  await issuer.until(() => issuer.store.sets[0]?.jwks === 'first');
});

test('the list is the same until something changes, and nobody asks for what nobody wants', async () => {
  const issuer = answers(5);
  issuer.store.want([source('u'), source('v')]);
  await issuer.store.settled(5000);
  const before = issuer.store.sets;
  await issuer.until(() => issuer.asked > 6);
  expect(issuer.store.sets).toBe(before);
  issuer.store.want([]);
  expect(issuer.store.sets).toEqual([]);
  const { asked } = issuer;
  await sleep(30);
  expect(issuer.asked).toBe(asked);
});

test('nobody waits longer than told', async () => {
  const store = new KeyStore({ fetch: () => new Promise(() => undefined), refreshEvery: 1000, onChange: () => undefined });
  stores.push(store);
  store.want([source('u')]);
  const started = Date.now();
  await store.settled(30);
  expect(Date.now() - started).toBeLessThan(2000);
  expect(store.sets).toEqual([]);
});
