// Prints how many certificates the authority signs in one second of CPU time: every request is read, its signature checked, its key its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Registry } from 'prom-client';
import { AuthorityMetrics, CertificateAuthority, JoinTokens, MeshAuthority, placeInFolder, readAuthoritySettings, readSigningMaterial } from '../../runtime/src/ca';
import { makeRoot } from '../../runtime/src/ca/self-signed';
import { parseNode } from '../../runtime/src/compile';
import { SecuredPort } from '../../runtime/src/control/secured-port';
import { XdsServer } from '../../runtime/src/xds';
import { CaClient } from '../../runtime/test/ca/ca-client';
import { testRequest } from '../../runtime/test/ca/test-pki';

const COUNT = 1_000;
const IDENTITY = { namespace: 'bookinfo', serviceAccount: 'reviews' };
const settings = readAuthoritySettings({});
const trust = () => ({ domain: 'cluster.local', aliases: [] });

/** Per second of CPU time, after a first round that only warms up. */
async function perSecond(count: number, action: (index: number) => Promise<unknown>): Promise<number> {
  for (let index = 0; index < count / 4; index += 1) await action(index);
  const before = process.cpuUsage();
  for (let index = 0; index < count; index += 1) await action(index);
  const { user, system } = process.cpuUsage(before);
  return count / ((user + system) / 1e6);
}

async function requests(): Promise<string[]> {
  return Promise.all(Array.from({ length: 100 }, () => testRequest({ names: [{ type: 'url', value: 'spiffe://cluster.local/ns/bookinfo/sa/reviews' }] })));
}

async function signed(keyType: 'ecdsa' | 'rsa', csrs: readonly string[]): Promise<number> {
  const files = await makeRoot({ organization: 'cluster.local', lifetime: settings.rootLifetime, keyType });
  const authority = await CertificateAuthority.create(readSigningMaterial(files), { ...settings, trust });
  return perSecond(COUNT, (index) => authority.sign(csrs[index % csrs.length]!, IDENTITY));
}

async function served(csrs: readonly string[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-ca-'));
  const metrics = new AuthorityMetrics(new Registry());
  const log = () => undefined;
  const authority = new MeshAuthority({ place: placeInFolder(folder, log), settings, trust, metrics, log, onChange: () => undefined });
  await authority.use(undefined);
  const tokens = new JoinTokens();
  const xds = new XdsServer({ onConnect: () => undefined });
  const port = await SecuredPort.open('127.0.0.1:0', {
    xds, authority: authority.authority!, metrics, log, trust, parseNode, authenticators: [tokens], hosts: ['istiod.istio-system.svc'],
  });
  const client = new CaClient({ address: `127.0.0.1:${port.port}`, roots: authority.authority!.material.roots.join('') });
  const rate = await perSecond(COUNT, (index) => {
    const token = `token ${Math.random()}`;
    tokens.add(token, IDENTITY);
    return client.ask({ token, request: { csr: csrs[index % csrs.length]! } });
  });
  client.close();
  port.close();
  authority.close();
  await xds.close();
  rmSync(folder, { recursive: true });
  return rate;
}

async function main(): Promise<void> {
  const csrs = await requests();
  console.log(JSON.stringify({ ecdsa: await signed('ecdsa', csrs), rsa: await signed('rsa', csrs), served: await served(csrs) }));
}

void main();
