import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CertificateAgent } from '../../src/agent/certificate-agent';
import { readCertificateSettings } from '../../src/agent/certificate-settings';
import { IstioIssuer } from '../../src/agent/istio-issuer';
import { poll } from '../xds/envoy-process';
import { TestAuthority } from './test-authority';
import { TlsEnvoy } from './tls-envoys';

jest.setTimeout(60_000);

const SERVER = 'istiod.istio-system.svc';

describe('certificates on real Envoys', () => {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  const authoritySocket = join(folder, 'ca');
  const rootFile = join(folder, 'root-cert.pem');
  let authority: TestAuthority;
  const agents: CertificateAgent[] = [];
  const envoys: TlsEnvoy[] = [];
  const logs: string[] = [];

  async function startAgent(name: string, env: Record<string, string> = {}): Promise<CertificateAgent> {
    let token: string | undefined = `token of ${name}`;
    authority.tokens.add(token);
    const agent = new CertificateAgent({
      identity: `spiffe://cluster.local/ns/shop/sa/${name}`,
      settings: readCertificateSettings(env),
      socket: join(folder, name, 'sds'),
      rootFile,
      issuer: (certificate) => new IstioIssuer({
        address: `unix:${authoritySocket}`, serverName: SERVER, rootFile,
        token: () => Promise.resolve(certificate() ? undefined : token), certificate,
      }),
      log: (level, message) => logs.push(`${name} ${level} ${message}`),
      onChange: () => { if (agent.current) token = undefined; },
    });
    agents.push(agent);
    await agent.start();
    return agent;
  }

  function envoy(name: string, options: Partial<ConstructorParameters<typeof TlsEnvoy>[0]> = {}): TlsEnvoy {
    const made = new TlsEnvoy({ folder: join(folder, `${name}-envoy`), secretSocket: join(folder, name, 'sds'), ...options });
    envoys.push(made);
    return made;
  }

  beforeAll(async () => {
    authority = await TestAuthority.create();
    writeFileSync(rootFile, authority.rootPem);
    await authority.listen(authoritySocket);
  });

  afterAll(async () => {
    agents.forEach((agent) => agent.stop());
    await Promise.all(envoys.map((each) => each.stop()));
    authority.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('two Envoys call each other with what their agents serve', async () => {
    await startAgent('orders');
    await startAgent('front');
    const server = envoy('orders');
    await server.start();
    const client = envoy('front', { callsPort: () => server.port(), delta: true });
    await client.start();
    const answer = await poll(async () => {
      const got = await client.get();
      return got.status === 200 ? got : undefined;
    });
    expect(answer.body).toBe('hello');
    expect(answer.headers['x-peer']).toMatch(/^spiffe:\/\/cluster.local\/ns\/shop\/sa\/front [0-9a-f]+$/);
    expect(statSync(join(folder, 'front/sds')).mode & 0o777).toBe(0o600);
    expect(logs.filter((line) => !line.includes(' info '))).toEqual([]);
  });
});
