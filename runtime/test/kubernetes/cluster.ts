import { spawn, type ChildProcess } from 'node:child_process';
import { createSign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { App, Chart } from 'cdk8s';
import type { ApiServer } from '../../../tools/kube/api-server';
import { ControlPlane } from '../../../src/control-plane';
import type { ApiObject } from '../../src/kubernetes/api';
import { BUNDLE } from '../engine/test-mesh';

const RBAC = ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'];

/** Waits until it holds. */
export async function until(what: () => boolean | Promise<boolean>, why: () => string = () => ''): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!await what()) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${why()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Gives the server what the library emits for a control plane, but its Deployment: there is no kubelet. */
export async function install(server: ApiServer, namespace: string, kinds: readonly string[] = ['Namespace', 'ServiceAccount', ...RBAC]): Promise<void> {
  const chart = new Chart(new App(), 'control-plane');
  new ControlPlane(chart, 'control-plane', { namespace });
  for (const object of chart.toJson() as ApiObject[]) {
    if (!kinds.includes(object.kind)) continue;
    const prefix = RBAC.includes(object.kind) ? '/apis/rbac.authorization.k8s.io/v1' : '/api/v1';
    const place = object.metadata.namespace ? `/namespaces/${namespace}` : '';
    await make(server, `${prefix}${place}/${object.kind.toLowerCase()}s`, object);
  }
}

export async function make(server: ApiServer, path: string, object: unknown): Promise<void> {
  const { status, body } = await server.post(path, object);
  if (status !== 201) throw new Error(`${path}: ${status} ${String(body.message)}`);
}

/** A token as the kubelet gets it for a pod of that account. */
export async function tokenOf(server: ApiServer, { namespace, account, audience }: { namespace: string; account: string; audience?: string }): Promise<string> {
  const spec = { expirationSeconds: 3600, ...(audience ? { audiences: [audience] } : {}) };
  const { status, body } = await server.post(`/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec });
  if (status !== 201) throw new Error(`no token of ${namespace}/${account}: ${status} ${String(body.message)}`);
  return (body.status as { token: string }).token;
}

/** The token again, signed by the cluster's own key, with other claims. */
export function withClaims(server: ApiServer, token: string, claims: object): string {
  const [head, body] = token.split('.');
  const changed = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(body!, 'base64url').toString()) as object, ...claims })).toString('base64url');
  return `${head}.${changed}.${createSign('RSA-SHA256').update(`${head}.${changed}`).sign(server.signingKey, 'base64url')}`;
}

export async function secretOf(server: ApiServer, namespace: string, name: string): Promise<ApiObject | undefined> {
  const { status, body } = await server.get(`/api/v1/namespaces/${namespace}/secrets/${name}`);
  return status === 200 ? body as unknown as ApiObject : undefined;
}

export function textOf(object: ApiObject | undefined, entry: string): string {
  return Buffer.from(object?.data?.[entry] ?? '', 'base64').toString('utf8');
}

/** What pods of a namespace verify the control plane by. */
export async function rootsIn(server: ApiServer, namespace: string): Promise<string | undefined> {
  const { status, body } = await server.get(`/api/v1/namespaces/${namespace}/configmaps/istio-ca-root-cert`);
  return status === 200 ? (body.data as Record<string, string>)['root-cert.pem'] : undefined;
}

export interface ControlOptions {
  readonly namespace: string;
  /** Of the control plane's account. */
  readonly token: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** `mesh control --secure` as the account of its Deployment, from the bundle. */
export class TestControl {
  public readonly lines: string[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), 'kc-'));
  private readonly child: ChildProcess;

  public constructor(server: ApiServer, { namespace, token, env }: ControlOptions) {
    const [files, kubeconfig] = [join(this.folder, 'mesh.yaml'), join(this.folder, 'kubeconfig')];
    writeFileSync(files, JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }));
    writeFileSync(kubeconfig, JSON.stringify({
      'apiVersion': 'v1', 'kind': 'Config', 'current-context': 'lab',
      'clusters': [{ name: 'lab', cluster: { 'server': server.url, 'certificate-authority': server.certificate } }],
      'users': [{ name: 'istiod', user: { token } }], 'contexts': [{ name: 'lab', context: { cluster: 'lab', user: 'istiod' } }],
    }), { mode: 0o600 });
    const args = ['control', '--files', files, '--listen', `unix:${join(this.folder, 'xds')}`, '--secure', this.address, '--status', '127.0.0.1:0', '--kubeconfig', kubeconfig];
    // The client of these tests knows the control plane by its usual name.
    const names = { POD_NAMESPACE: namespace, ISTIOD_CUSTOM_HOST: 'istiod.istio-system.svc' };
    this.child = spawn(process.execPath, [BUNDLE, ...args], { env: { ...process.env, ...names, ...env }, stdio: ['ignore', 'inherit', 'pipe'] });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => this.lines.push(...text.split('\n').filter((line) => line)));
  }

  public get address(): string {
    return `unix:${join(this.folder, 'ca')}`;
  }

  public said(text: string): boolean {
    return this.lines.some((line) => line.includes(text));
  }

  public async serving(): Promise<this> {
    await until(() => this.said('serving certificates and xDS with TLS'), () => this.lines.join('\n'));
    return this;
  }

  public async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    if (this.child.exitCode === null && this.child.kill('SIGTERM')) await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
