import { buildSync } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findEnvoy } from '../../src/local/envoy-binary';
import { checkHost, formatRefusal } from '../../src/local/host-check';
import { launch, type Inside } from '../../src/local/launch';
import type { ExecResult, MachineMethod, MachineOptions } from './machine';

/** The host side of a machine for tests: `machine.ts` runs inside. */
export class TestMachine {
  private constructor(public readonly inside: Inside, private readonly entryFolder: string) {}

  public static async launch(): Promise<TestMachine> {
    const { kind, refusal } = await checkHost();
    if (!kind) throw new Error(refusal ? formatRefusal(refusal) : 'unknown');
    const folder = mkdtempSync(join(tmpdir(), 'machine-'));
    buildSync({ entryPoints: [join(__dirname, 'machine.ts')], bundle: true, platform: 'node', outfile: join(folder, 'machine.js'), logLevel: 'error' });
    const inside = await launch({ kind, command: [process.execPath, join(folder, 'machine.js')] });
    return new TestMachine(inside, folder);
  }

  public async start(options: Omit<MachineOptions, 'envoy' | 'entry'> = {}): Promise<void> {
    const { path: envoy } = await findEnvoy();
    await this.inside.channel.call('start', { envoy, entry: join(this.entryFolder, 'machine.js'), ...options });
  }

  public call<Result>(method: MachineMethod, argument?: unknown): Promise<Result> {
    return this.inside.channel.call<Result>(method, argument);
  }

  public async sh(pod: string, script: string): Promise<string> {
    const { code, stdout, stderr } = await this.call<ExecResult>('exec', { pod, argv: ['sh', '-c', script] });
    return code === 0 ? stdout.trim() : `failed with ${code}: ${stdout}${stderr}`;
  }

  /** A request by curl from a pod: status, headers and JSON body of the echo server. */
  public async curl(pod: string, ...args: string[]): Promise<{ status: number; headers: Record<string, string>; body: string; json: Record<string, unknown> }> {
    const { stdout } = await this.call<ExecResult>('exec', { pod, argv: ['curl', '--silent', '--include', '--max-time', '10', ...args] });
    const [head = '', ...rest] = stdout.split('\r\n\r\n');
    const [first = '', ...lines] = head.split('\r\n');
    const body = rest.join('\r\n\r\n');
    return {
      status: Number(first.split(' ')[1] ?? 0),
      headers: Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)])),
      body,
      json: body.startsWith('{') ? JSON.parse(body) as Record<string, unknown> : {},
    };
  }

  public async close(): Promise<void> {
    await this.inside.close();
    rmSync(this.entryFolder, { recursive: true, force: true });
  }
}
