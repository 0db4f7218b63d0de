import { performAction } from './action';
import { Credentials } from './credentials';
import { tallyOf, type Evidence, type Finding } from './expectation';
import { describeStep, type CallStep, type Check, type Step } from './step';
import { podKey, PodBook, readyPods } from './workload';
import type { Answer, EnginePort, Origin } from './engine-port';

export interface StepResult {
  /** `1000 × GET http://reviews:9080/reviews/0 from productpage` */
  readonly step: string;
  readonly findings: readonly Finding[];
}

export interface CheckResult {
  readonly name: string;
  readonly proves: readonly string[];
  /** A check with `skip` is `skipped` while it does not pass, and `failed` as soon as it does. */
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly reason?: string;
  readonly durationMs: number;
  readonly steps: readonly StepResult[];
  /** What the mesh says is wrong, if the check failed. */
  readonly problems: readonly string[];
}

export interface RunOptions {
  /** Those of the file, whose Secrets the mesh was started with. @default none */
  readonly credentials?: Credentials;
  readonly onResult?: (result: CheckResult) => void;
}

/** What a step needs besides itself. */
interface Run {
  readonly mesh: EnginePort;
  readonly pods: PodBook;
  readonly credentials: Credentials;
}

/** Runs the checks one after the other; each begins with the mesh as it was started. */
export async function runChecks(checks: readonly Check[], mesh: EnginePort, options: RunOptions = {}): Promise<CheckResult[]> {
  const { credentials = Credentials.NONE, onResult } = options;
  const results: CheckResult[] = [];
  for (const check of checks) {
    const result = await runCheck(check, { mesh, credentials, pods: new PodBook(mesh) });
    results.push(result);
    onResult?.(result);
  }
  return results;
}

async function runCheck(check: Check, run: Run): Promise<CheckResult> {
  const start = performance.now();
  const { mesh } = run;
  const steps: StepResult[] = [];
  let passed = true;
  for (const step of check.steps) {
    const findings = await runStep(step, run);
    steps.push({ step: describeStep(step), findings });
    passed = findings.every(({ ok }) => ok);
    if (!passed) break;
  }
  const problems = passed ? [] : mesh.problems().map(({ resource, path, message }) => `${resource.kind}/${resource.name}.${resource.namespace} ${path}: ${message}`);
  if (check.steps.some(changes)) {
    const findings = await attempt('reset', () => reset(mesh));
    passed &&= findings.length === 0;
    if (findings.length) steps.push({ step: 'back to the manifests of the start', findings });
  }
  const durationMs = performance.now() - start;
  return { name: check.name, proves: check.proves, ...stateOf(check, passed), durationMs, steps, problems };
}

function stateOf(check: Check, passed: boolean): Pick<CheckResult, 'state' | 'reason'> {
  if (check.skip === undefined) return { state: passed ? 'passed' : 'failed' };
  return passed ? { state: 'failed', reason: `it passes now, although it says skip: ${check.skip}` } : { state: 'skipped', reason: check.skip };
}

function changes(step: Step): boolean {
  return step.kind === 'call' ? step.during.length > 0 : step.kind !== 'wait';
}

async function reset(mesh: EnginePort): Promise<void> {
  await mesh.reset();
  await mesh.settled();
}

function runStep(step: Step, run: Run): Promise<Finding[]> {
  return attempt(step.kind, async () => {
    if (step.kind === 'call') return runCall(step, run);
    await performAction(step, run);
    run.pods.look();
    return [];
  });
}

/** Whatever goes wrong is a finding: the other checks go on. */
async function attempt(what: string, action: () => Promise<Finding[] | void>): Promise<Finding[]> {
  try {
    return await action() ?? [];
  } catch (error) {
    return [{ what, expected: 'is possible', observed: error instanceof Error ? error.message : String(error), ok: false }];
  }
}

async function runCall(step: CallStep, run: Run): Promise<Finding[]> {
  const deadline = performance.now() + (step.withinMs ?? 0);
  for (;;) {
    const findings = await callOnce(step, run, deadline);
    if (performance.now() >= deadline || findings.every(({ ok }) => ok)) return findings;
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

/** Before the deadline the first wrong finding ends it: nobody waits for the log of a call that is made again. */
async function callOnce(step: CallStep, run: Run, deadline: number): Promise<Finding[]> {
  const { mesh, pods, credentials } = run;
  pods.look();
  const before: unknown[] = [];
  for (const expectation of step.expect) before.push(await expectation.begin?.(mesh));
  const answers = await send(step, run);
  pods.look();
  const evidence: Evidence = { mesh, pods, answers, tally: tallyOf(answers), credentials };
  const findings: Finding[] = [];
  for (const [index, expectation] of step.expect.entries()) {
    const { what, expected } = expectation;
    const finding = { what, expected, ...await expectation.judge(evidence, before[index]) };
    findings.push(finding);
    if (!finding.ok && performance.now() < deadline) break;
  }
  return findings;
}

function originOf(step: CallStep, mesh: EnginePort): Origin {
  if (step.from !== 'outside') return { pod: podKey(readyPods(mesh, step.from)[0]) };
  if (!step.gateway) return { outside: true };
  return { outside: true, gateway: `${readyPods(mesh, step.gateway)[0].namespace}/${step.gateway.app}` };
}

/** With `during`, calls go on in portions while each step is made, for one more when it is in force, and then until there are as many as wanted. */
async function send(step: CallStep, run: Run): Promise<Answer[]> {
  const { mesh, credentials } = run;
  const origin = originOf(step, mesh);
  const call = credentials.equip(step.call, step.tls);
  const { parallel, times } = step;
  if (step.during.length === 0) return mesh.send(origin, call, { times, parallel });
  const answers: Answer[] = [];
  const portion = async () => void answers.push(...await mesh.send(origin, call, { times: parallel * 20, parallel }));
  for (const action of step.during) {
    let made = false;
    const making = performAction(action, run).finally(() => (made = true));
    making.catch(() => undefined);
    do await portion(); while (!made);
    await making;
    await portion();
  }
  while (answers.length < times) await portion();
  return answers;
}
