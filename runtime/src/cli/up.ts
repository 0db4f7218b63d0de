import { basename, join, relative, resolve } from 'node:path';
import { existsSync } from 'node:fs';

import { certificateFaults } from '../agent/certificate-settings';
import { CheckFileError, Credentials, formatCheck, formatTotal, readChecks, runChecks, toReport, type CheckFile } from '../engine/check';
import { LocalMesh } from '../engine/local-mesh';
import { checkHost, formatRefusal } from '../local/host-check';
import type { NamespaceKind } from '../local/namespaces';
import { hasTool } from '../local/tool';
import { checkCacerts } from './cacerts';
import { envoyAtHand } from './envoy';
import { Failure } from './failure';
import { meshCommand } from './mesh-command';
import { formatIgnored } from './problem-text';
import { ProblemTeller } from './up/problems';
import { Progress } from './up/progress';
import { findProjects, synthesize, type Project } from './up/project';
import { watchProject } from './up/project-watch';
import { formatWelcome, waysIn } from './up/welcome';

interface UpOptions {
  readonly watch?: boolean;
  readonly check?: string;
  readonly port: number;
  readonly offline?: boolean;
  readonly inject: boolean;
  readonly cacerts?: string;
  readonly verbose?: boolean;
  readonly output: 'text' | 'json';
}

/** A mesh of which something does not become ready is shown as it is after that time, and checked after the longer one: a machine of CI may be slow. */
const READY_MS = 30_000;
const CHECKED_MS = 120_000;

/** Brings a mesh up; it stays until a signal ends it, or, with checks, until they are done. */
export async function up(files: readonly string[], options: UpOptions): Promise<number> {
  const { refusal, kind } = await checkHost();
  if (refusal || !kind) {
    throw new Failure(refusal ? formatRefusal(refusal) : 'cannot run a mesh here');
  }
  const missing = files.find((path) => !existsSync(path));
  if (missing !== undefined) {
    throw new Failure(`there is no file or folder ${missing}`);
  }
  const [fault] = certificateFaults(process.env).values();
  if (fault !== undefined) {
    throw new Failure(`in the environment, ${fault}: it would be for the certificates of all pods`);
  }
  if (options.cacerts !== undefined) {
    checkCacerts(options.cacerts);
  }
  const checks = options.check === undefined ? undefined : readCheckFile(options.check);
  return new MeshUp({ files, options, kind, ...(checks ? { checks } : {}) }).run();
}

function readCheckFile(file: string): CheckFile {
  try {
    return readChecks(file);
  } catch (error) {
    // An error of the file system has a code: the file is not there, or is no file.
    const known = error instanceof CheckFileError || typeof (error as NodeJS.ErrnoException).code === 'string';
    throw known ? new Failure((error as Error).message) : error;
  }
}

interface Order {
  readonly files: readonly string[];
  readonly options: UpOptions;
  readonly kind: NamespaceKind;
  readonly checks?: CheckFile;
}

class MeshUp {
  private readonly progress = new Progress(process.stderr);
  private readonly problems = new ProblemTeller(process.stderr);
  private readonly projects: readonly Project[];
  private readonly unwatch: (() => void)[] = [];
  private mesh: LocalMesh | undefined;
  private credentials = Credentials.NONE;
  private notReady: string | undefined;
  private readonly stopped: Promise<NodeJS.Signals>;

  public constructor(private readonly order: Order) {
    this.projects = findProjects(order.files);
    this.stopped = new Promise((stop) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
        process.on(signal, () => stop(signal));
      }
    });
  }

  public async run(): Promise<number> {
    const work = this.work();
    try {
      return await Promise.race([work, this.stopped.then(() => 0)]);
    } finally {
      this.unwatch.forEach((stop) => stop());
      // A mesh that is just being made is not known yet.
      await Promise.race([work.catch(() => undefined), new Promise((wake) => setTimeout(wake, this.mesh ? 0 : 3_000))]);
      await this.mesh?.close();
    }
  }

  private async work(): Promise<number> {
    for (const project of this.projects) {
      await this.progress.step(`synthesize ${relative('', project.folder) || basename(project.folder)}`, () => synthesize(project), ({ objects }) => `${objects} objects`);
    }
    if (this.order.options.watch) {
      // From here on, so that an edit made while the mesh comes up is not missed.
      this.follow();
    }
    const mesh = await this.progress.step('mesh up', (tell) => this.start(tell), () => this.summary());
    if (this.notReady !== undefined) {
      process.stderr.write(`${this.notReady}\n`);
    }
    return this.order.checks ? this.check(mesh, this.order.checks) : this.stay(mesh);
  }

  private async start(tell: (text: string) => void): Promise<LocalMesh> {
    const { files, options, kind, checks } = this.order;
    this.credentials = checks ? await Credentials.issue(checks.credentials) : Credentials.NONE;
    const envoy = await envoyAtHand(tell);
    const offline = options.offline || checks ? { offline: (checks?.outside ?? []).map((host) => ({ host })) } : {};
    this.mesh = await LocalMesh.start({
      kind, mesh: meshCommand(), envoy: envoy.path, name: basename(resolve(files[0] ?? '.')), port: options.port, inject: options.inject,
      verbose: options.verbose ?? false, ...offline, ...(options.cacerts === undefined ? {} : { cacerts: resolve(options.cacerts) }), onLine: (line) => void process.stderr.write(`${line}\n`),
    });
    await this.mesh.engine.load(files, options.watch ?? false, this.credentials.manifest);
    await this.mesh.engine.settled(checks ? CHECKED_MS : READY_MS).catch((error: Error) => {
      this.notReady = error.message;
    });
    if (!options.watch && !checks && this.mesh.engine.pods().length === 0) {
      this.problems.tell(this.mesh.engine.problems());
      throw new Failure(`there is nothing to run in ${files.join(', ')}: give YAML files with Deployments, StatefulSets or Pods, or folders of them`);
    }
    return this.mesh;
  }

  private summary(): string {
    const pods = this.mesh?.engine.pods() ?? [];
    const proxies = pods.filter(({ containers }) => containers.includes('istio-proxy')).length;
    return `${pods.length} pods, ${proxies} proxies, control plane`;
  }

  private async check({ engine }: LocalMesh, { checks }: CheckFile): Promise<number> {
    this.problems.tell(engine.problems());
    const json = this.order.options.output === 'json';
    const results = await runChecks(checks, engine, {
      credentials: this.credentials,
      onResult: (result) => void (json || process.stdout.write(`${formatCheck(result)}\n`)),
    });
    const report = toReport(results, this.notReady);
    process.stdout.write(`${json ? JSON.stringify(report, undefined, 2) : formatTotal(report)}\n`);
    return report.failed === 0 ? 0 : 1;
  }

  private async stay(mesh: LocalMesh): Promise<number> {
    const { options, files } = this.order;
    const status = await mesh.engine.status();
    const openings = await mesh.openings();
    const edit = this.projects[0] ? join(relative('', this.projects[0].folder), 'main.ts') : files[0];
    process.stdout.write(options.output === 'json'
      ? `${JSON.stringify({ ...status, ways: waysIn(status.gateways, openings) }, undefined, 2)}\n`
      : `${formatWelcome(status, { openings, command: calledAs(), ...(options.watch && edit ? { edit } : {}) })}\n`);
    this.problems.tell(mesh.engine.problems());
    if (status.ignored.length > 0) {
      process.stderr.write(`${formatIgnored(status.ignored)}\n`);
    }
    mesh.engine.onState(({ problems }) => this.problems.tell(problems));
    const code = await mesh.ended;
    throw new Failure(`the mesh has ended by itself with code ${code}`, 1);
  }

  private follow(): void {
    for (const project of this.projects) {
      this.unwatch.push(watchProject(project, {
        onSynthesis: (_project, { seconds, objects }) => void process.stderr.write(`✔ synthesized again   ${seconds.toFixed(1)} s   ${objects} objects\n`),
        onFailure: (_project, error) => void process.stderr.write(`✖ ${error.message}\n  the mesh stays as it was\n`),
      }));
    }
  }
}

/** npm puts its own folders on our PATH, not on that of the terminal beside us. */
function calledAs(): string {
  return hasTool('mesh') && process.env.npm_lifecycle_event === undefined ? 'mesh' : 'npx mesh';
}
