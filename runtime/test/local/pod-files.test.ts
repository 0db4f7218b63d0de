import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkHost } from '../../src/local/host-check';
import { unshareCommand } from '../../src/local/namespaces';
import { placeFiles, podFiles, quote } from '../../src/local/pod-files';
import { runTool } from '../../src/local/tool';

const folder = mkdtempSync(join(tmpdir(), 'pod files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const files = podFiles({ name: 'reviews-0', namespace: 'bookinfo', address: '10.244.1.1', dns: '10.244.0.1' });

describe('the files of a pod', () => {
  test('are those that a kubelet writes', () => {
    expect(files.get('/etc/resolv.conf')).toBe('nameserver 10.244.0.1\nsearch bookinfo.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n');
    expect(files.get('/etc/hosts')).toMatch(/^127\.0\.0\.1\tlocalhost\n/);
    expect(files.get('/etc/hosts')).toContain('10.244.1.1\treviews-0\n');
    expect(files.get('/etc/nsswitch.conf') ?? 'hosts: files dns').toMatch(/^hosts: files dns$/m);
  });

  /** Runs the script in a mount namespace whose `/etc` was prepared, then shows what is there. */
  async function placed(prepare: string, show: string, path = '/etc/resolv.conf'): Promise<string> {
    const { kind = 'user' } = await checkHost();
    const script = placeFiles(new Map([[path, 'nameserver 10.244.0.1\n']]), mkdtempSync(join(folder, 'place ')));
    const { stdout, stderr } = await runTool([...unshareCommand(kind), 'sh', '-s'], `set -e\n${prepare}\n${script}\n${show}`);
    return stdout.trim() + stderr;
  }

  test('lie over the machine\'s own', async () => {
    expect(await placed('', 'cat /etc/resolv.conf')).toBe('nameserver 10.244.0.1');
  });

  test('may be missing on the machine', async () => {
    expect(await placed('', 'cat /etc/never-there.conf; ls /etc/passwd', '/etc/never-there.conf')).toBe('nameserver 10.244.0.1\n/etc/passwd');
  });

  test('words of a script are safe whatever they hold', async () => {
    const word = `it's "a" $(word) \\ ; \n end`;
    expect((await runTool(['sh', '-c', `printf %s ${quote(word)}`])).stdout).toBe(word);
  });
});
