import { setTimeout as sleep } from 'node:timers/promises';

import type { Pod } from '../kubernetes';
import type { PodOptions, PodSandbox } from '../local/pod-sandbox';
import type { Snapshot } from '../model/snapshot';
import type { RunningPod } from './pod/running-pod';
import { isToldNames } from './pod/told-names';

export interface PodSetOptions {
  readonly addPods: (pods: readonly PodOptions[]) => Promise<readonly PodSandbox[]>;
  readonly make: (pod: Pod, sandbox: PodSandbox, snapshot: Snapshot) => RunningPod;
  /** Resolves when nobody sends requests to pods any more that the world does not have now. */
  readonly withdrawn: () => Promise<void>;
  readonly onChange: () => void;
  readonly onError: (pod: Pod, error: Error) => void;
}

interface Slot {
  readonly pod: Pod;
  running?: RunningPod;
  readonly started: Promise<void>;
  leaving: boolean;
}

const RETRY_MS = 1000;

/** Keeps the pods running that are wanted: new ones start together, those that go lose their callers first. */
export class PodSet {
  private readonly slots = new Map<string, Slot>();
  private wanted: ReadonlyMap<string, Pod> = new Map();
  private snapshot: Snapshot | undefined;
  private closing = false;

  public constructor(private readonly options: PodSetOptions) {}

  /** Makes these the wanted pods, by `namespace/name`. */
  public reconcile(wanted: ReadonlyMap<string, Pod>, snapshot: Snapshot): void {
    this.wanted = wanted;
    this.snapshot = snapshot;
    if (this.closing) {
      return;
    }
    for (const [key, slot] of this.slots) {
      if (!slot.leaving && wanted.get(key)?.metadata.uid !== slot.pod.metadata.uid) {
        void this.leave(key, slot);
      }
    }
    const fresh = [...wanted].filter(([key]) => !this.slots.has(key));
    if (fresh.length > 0) {
      this.start(fresh, snapshot);
    }
  }

  public get(key: string): RunningPod | undefined {
    return this.slots.get(key)?.running;
  }

  public all(): readonly (readonly [string, RunningPod | undefined])[] {
    return [...this.slots].map(([key, slot]) => [key, slot.running]);
  }

  /** Whether a pod runs that is to go. */
  public isLeaving(): boolean {
    return [...this.slots.values()].some(({ leaving }) => leaving);
  }

  /** No pod starts any more. */
  public close(): void {
    this.closing = true;
  }

  private start(fresh: readonly (readonly [string, Pod])[], snapshot: Snapshot): void {
    const sandboxes = this.options.addPods(fresh.map(([, pod]) => ({
      name: pod.metadata.name, namespace: pod.metadata.namespace, address: pod.status.podIP, toldNames: isToldNames(pod),
    })));
    fresh.forEach(([key, pod], index) => {
      const started = sandboxes.then((made) => this.run(key, pod, { sandbox: made[index] as PodSandbox, snapshot }));
      this.slots.set(key, { pod, started: started.catch((error: Error) => this.failed(key, pod, error)), leaving: false });
    });
  }

  private async run(key: string, pod: Pod, { sandbox, snapshot }: { sandbox: PodSandbox; snapshot: Snapshot }): Promise<void> {
    const slot = this.slots.get(key);
    const running = this.options.make(pod, sandbox, snapshot);
    if (slot) {
      slot.running = running;
    }
    // What is going on inside is told by the pod itself; waiting for its proxy here would hold up a pod that is to go.
    running.start().catch((error: Error) => this.failedToStart(key, running, error));
    this.options.onChange();
  }

  /** What was begun is taken away, and made anew. */
  private async failedToStart(key: string, running: RunningPod, error: Error): Promise<void> {
    const { pod } = running.plan;
    this.options.onError(pod, error);
    await sleep(RETRY_MS);
    const slot = this.slots.get(key);
    if (slot?.running === running && !slot.leaving && !this.closing) {
      await this.leave(key, slot);
    }
  }

  private async failed(key: string, pod: Pod, error: Error): Promise<void> {
    this.options.onError(pod, error);
    await sleep(RETRY_MS);
    this.slots.delete(key);
    this.again();
  }

  private async leave(key: string, slot: Slot): Promise<void> {
    slot.leaving = true;
    await this.options.withdrawn();
    await slot.started;
    await slot.running?.stop().catch((error: Error) => this.options.onError(slot.pod, error));
    this.slots.delete(key);
    this.options.onChange();
    this.again();
  }

  /** What came back while it went can start now. */
  private again(): void {
    if (this.snapshot) {
      this.reconcile(this.wanted, this.snapshot);
    }
  }
}
