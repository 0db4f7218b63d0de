import { PodSet } from '../../src/engine/pod-set';
import type { RunningPod } from '../../src/engine/pod/running-pod';
import type { Pod } from '../../src/kubernetes';
import type { PodSandbox } from '../../src/local/pod-sandbox';
import type { Snapshot } from '../../src/model/snapshot';

test('a pod that cannot be started is told of, taken away and made anew', async () => {
  const pod = { metadata: { name: 'web', namespace: 'shop', uid: '1' }, spec: { containers: [] }, status: { podIP: '10.244.1.1' } } as unknown as Pod;
  const journal: string[] = [];
  let starts = 0;
  const running = (): RunningPod => ({
    plan: { pod },
    start: () => (++starts === 1 ? Promise.reject(new Error('cannot capture its traffic')) : Promise.resolve(void journal.push('started'))),
    stop: () => Promise.resolve(void journal.push('stopped')),
  } as unknown as RunningPod);
  const set = new PodSet({
    addPods: (pods) => Promise.resolve(pods.map(() => ({}) as PodSandbox)),
    make: running,
    withdrawn: () => Promise.resolve(),
    onChange: () => undefined,
    onError: (_pod, error) => journal.push(error.message),
  });
  set.reconcile(new Map([['shop/web', pod]]), {} as Snapshot);
  for (const end = Date.now() + 20_000; !journal.includes('started') && Date.now() < end;) {
    await new Promise((wake) => setTimeout(wake, 20));
  }

  expect(journal).toEqual(['cannot capture its traffic', 'stopped', 'started']);
});
