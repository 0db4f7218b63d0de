import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { adminText } from '../../src/local/admin';

const folder = mkdtempSync(join(tmpdir(), 'admin-'));
const socket = join(folder, 'admin');
let server: Server;

beforeAll(async () => {
  server = createServer(({ url }, response) => {
    if (url === '/ready') response.writeHead(503).end('PRE_INITIALIZING\n');
    else if (url === '/half') response.write('half of it');
    else if (url !== '/never') response.end('LIVE\n');
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
});

afterAll(() => {
  server.close().closeAllConnections();
  rmSync(folder, { recursive: true });
});

test('gives what Envoy says, and fails with it where it is no good news', async () => {
  await expect(adminText(socket, '/')).resolves.toBe('LIVE\n');
  await expect(adminText(socket, '/ready')).rejects.toThrow('/ready: 503 PRE_INITIALIZING');
  await expect(adminText(join(folder, 'nobody'), '/')).rejects.toThrow('ENOENT');
});

test.each(['/never', '/half'])('does not wait for ever: %s', async (path) => {
  await expect(adminText(socket, path, 'GET', 100)).rejects.toThrow(/no answer within 0.1 s|aborted/);
});
