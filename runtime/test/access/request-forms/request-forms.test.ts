import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { EchoServer } from '../../../src/local/echo-server';
import type { PathNormalization } from '../../../src/model/mesh';
import { StaticEnvoy, freePorts } from './envoy';
import type { RawAnswer } from './raw-request';
import { sendHttp2, sendRaw } from './raw-request';
import type { Ports } from './world';
import { gatewayBootstrap, workloadBootstrap } from './world';

type Cell = string | number;

interface PathCells {
  readonly none?: Cell;
  readonly base?: Cell;
  readonly merge?: Cell;
  readonly decode?: Cell;
}

interface Forms {
  readonly paths: readonly (PathCells & { readonly send: string; readonly http2?: PathCells })[];
  readonly templates: Forms['paths'];
  readonly requests: readonly { readonly to: 'deny' | 'headers'; readonly send: string; readonly expect: Cell; readonly without?: string }[];
  readonly hosts: readonly { readonly host: string; readonly expect: Cell; readonly http2?: Cell }[];
  readonly edge: readonly { readonly send: string; readonly expect: Cell }[];
}

const MODES = { none: 'NONE', base: 'BASE', merge: 'MERGE_SLASHES', decode: 'DECODE_AND_MERGE_SLASHES' } as const satisfies Record<keyof PathCells, PathNormalization>;
const forms = load(readFileSync(join(__dirname, 'forms.yaml'), 'utf8')) as Forms;
const echo = new EchoServer({ service: 'application', pod: 'application' });
let application: number;

jest.setTimeout(120_000);

beforeAll(async () => {
  application = await echo.listen('http', { host: '127.0.0.1', port: 0 });
});

afterAll(() => echo.close());

/** What is stated for a mode: as for the one before it, where nothing is said. */
function stated(cells: PathCells, mode: keyof PathCells): Cell {
  const modes = Object.keys(MODES) as (keyof PathCells)[];
  return modes.slice(0, modes.indexOf(mode) + 1).reverse().map((one) => cells[one]).find((cell) => cell !== undefined) ?? 'nothing is stated';
}

/** A status, or 200 and what arrived. */
function seen({ status, arrived }: RawAnswer, what: 'path' | 'host'): string {
  const value = what === 'path' ? arrived?.path : arrived?.headers.host;
  return arrived ? `${status} ${value as string}` : String(status);
}

function arriving(path: Cell): string {
  return String(path).startsWith('/') ? `200 ${path}` : String(path);
}

/** Sends all, and tells of those that did not go as stated. */
async function wrong<T extends object>(rows: readonly T[], check: (row: T) => Promise<readonly [expected: string, got: string][]>): Promise<string[]> {
  const found: string[] = [];
  for (const row of rows) {
    const results = await check(row);
    found.push(...results.filter(([expected, got]) => expected !== got).map(([expected, got]) => `${JSON.stringify(row)}: expected ${expected}, got ${got}`));
  }
  return found;
}

test('there are many forms, and none twice', () => {
  const all = Object.values(forms).flatMap((list) => (list as readonly object[]).map((row) => JSON.stringify(row)));
  expect(all.length).toBeGreaterThan(450);
  expect(new Set(all).size).toBe(all.length);
});

describe.each(Object.keys(MODES) as (keyof PathCells)[])('with pathNormalization %s', (mode) => {
  let ports: Ports;
  let envoy: StaticEnvoy;

  beforeAll(async () => {
    const [deny, allow, template, headers] = await freePorts(4);
    ports = { application, deny, allow, template, headers };
    envoy = await StaticEnvoy.start(workloadBootstrap(MODES[mode], ports), deny);
  });

  afterAll(() => envoy?.stop());

  /** The answer of each policy to one form, by what is stated of it. */
  async function ask(send: string, cell: Cell, { to, http2 }: { to: Record<string, readonly [port: number, letters: string]>; http2: boolean }): Promise<[string, string][]> {
    const [letter, path] = typeof cell === 'number' ? [undefined, cell] : [cell[0], cell.slice(2)];
    return Promise.all(Object.values(to).map(async ([port, letters]): Promise<[string, string]> => {
      const answer = http2 ? await sendHttp2(port, { ':path': send, ':authority': 'web' }) : await sendRaw(port, `GET ${send} HTTP/1.1\r\nhost: web\r\n\r\n`);
      return [letter === undefined ? String(path) : letters.includes(letter) ? arriving(path) : '403', seen(answer, 'path')];
    }));
  }

  test.each([false, true])('every path is denied or let through as what arrives, HTTP/2: %s', async (http2) => {
    expect(await wrong(forms.paths, (row) => ask(row.send, stated((http2 ? row.http2 : undefined) ?? row, mode), {
      to: { deny: [ports.deny, 'PO'], allow: [ports.allow, 'P'] }, http2,
    }))).toEqual([]);
  });

  test.each([false, true])('so is every path of templates, HTTP/2: %s', async (http2) => {
    expect(await wrong(forms.templates, (row) => ask(row.send, stated(row, mode), { to: { template: [ports.template, 'O'] }, http2 }))).toEqual([]);
  });

  if (mode === 'base') {
    test('whole requests, with what parsers and headers are tricked by', async () => {
      expect(await wrong(forms.requests, async ({ to, send, expect: wanted, without }) => {
        const answer = await sendRaw(ports[to], send);
        return [[String(wanted), seen(answer, 'path')], ['nothing', (without && answer.arrived?.headers[without] as string | undefined) ?? 'nothing']];
      })).toEqual([]);
    });
  }
});

describe('at a gateway', () => {
  let port: number;
  let envoy: StaticEnvoy;

  beforeAll(async () => {
    [port] = await freePorts(1);
    envoy = await StaticEnvoy.start(gatewayBootstrap('BASE', port, application), port);
  });

  afterAll(() => envoy?.stop());

  test('hosts, in every spelling', async () => {
    expect(await wrong(forms.hosts, async ({ host, expect: wanted }) => [[String(wanted), seen(await sendRaw(port, `GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`), 'host')]])).toEqual([]);
  });

  test('hosts of HTTP/2', async () => {
    expect(await wrong(forms.hosts, async ({ host, expect: wanted, http2 = wanted }) => [[String(http2), seen(await sendHttp2(port, { ':path': '/', ':authority': host }), 'host')]])).toEqual([]);
  });

  test('whole requests', async () => {
    expect(await wrong(forms.edge, async ({ send, expect: wanted }) => [[String(wanted), seen(await sendRaw(port, send), 'host')]])).toEqual([]);
  });
});
