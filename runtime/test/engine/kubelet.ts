import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { TokenFolder } from '../../src/ca';
import { containerEnvironment, downwardMap, expand } from '../../src/engine/pod/environment';
import { planPod } from '../../src/engine/pod/plan';
import { RequestClient } from '../../src/engine/request-client';
import { ServicePorts } from '../../src/engine/service-ports';
import type { Answer, HttpCall, Load } from '../../src/engine/check';
import type { Container, Pod } from '../../src/kubernetes';
import { insideContext } from '../../src/local/launch';
import { LocalNetwork } from '../../src/local/network';
import type { PodSandbox } from '../../src/local/pod-sandbox';
import { resourcesOf, type Snapshot } from '../../src/model/snapshot';
import { Cluster, dnsNames, readFiles } from '../../src/source';

// A kubelet for tests: runs the pods of emitted manifests with exactly their commands, arguments, environment and users; the image's
// entrypoint is `mesh`. Only the Kubernetes API is missing: the control plane gets MESH_FILES instead, and a folder for its authority; the
// token in a pod is one of that authority, not of the API server.

export interface KubeletOptions {
  readonly bundle: string;
  readonly envoy: string;
  readonly manifests: string;
}

export interface KubeletCall {
  /** The label `app` of the pod that calls; without it the call comes from the node. */
  readonly from?: string;
  readonly call: HttpCall;
  readonly load: Load;
}

/** Where the image has its parts; users other than root can read them there. */
const IMAGE = { node: '/image/bin/node', envoy: '/image/bin/envoy', mesh: '/image/mesh.js', manifests: '/image/manifests' } as const;
const MESH = [IMAGE.node, IMAGE.mesh] as const;
/** The user of the proxy and of the control plane. */
const USER = 1337;
const AUTHORITY = '/var/lib/istio/ca';
/** Beneath /var/run, which is a link to /run: it would lead out of a file system that is looked at from outside. */
const SECRETS = '/run/secrets';
const TOKEN_LIFETIME = 600_000;

interface SecurityContext { readonly runAsUser?: number; readonly runAsGroup?: number }

class Kubelet {
  private readonly sandboxes = new Map<string, PodSandbox>();

  public static async start(options: KubeletOptions, runDirectory: string): Promise<Kubelet> {
    const cluster = new Cluster();
    cluster.replace((await readFiles([options.manifests])).objects);
    const snapshot = cluster.snapshot();
    const network = await LocalNetwork.create({ runDirectory, envoy: options.envoy, offline: [] });
    network.setNames(dnsNames(snapshot));
    await network.setServices(new ServicePorts(snapshot).addresses());
    const kubelet = new Kubelet(options, snapshot, runDirectory);
    const pods = [...resourcesOf(snapshot, '/Pod').values()] as Pod[];
    const made = await network.addPods(pods.map(({ metadata, status }) => ({ name: metadata.name, namespace: metadata.namespace, address: status.podIP })));
    const run = (pod: Pod, index: number) => kubelet.run(pod, made[index] as PodSandbox, join(runDirectory, `root${index}`));
    // A pod that mounts the ConfigMap with the roots waits until the control plane has written it.
    await Promise.all(pods.map((pod, index) => (isControlPlane(pod) ? run(pod, index) : undefined)));
    await kubelet.hasRoots();
    await Promise.all(pods.map((pod, index) => (isControlPlane(pod) ? undefined : run(pod, index))));
    return kubelet;
  }

  /** Where the authority keeps its key and roots, outside of all pods. */
  private readonly authority: string;

  private constructor(private readonly options: KubeletOptions, private readonly snapshot: Snapshot, runDirectory: string) {
    this.authority = join(runDirectory, 'ca');
    mkdirSync(this.authority, { mode: 0o700 });
    chownSync(this.authority, USER, USER);
  }

  public send({ from, call, load }: KubeletCall): Promise<Answer[]> {
    const sandbox = this.sandboxes.get(from ?? '');
    const client = new RequestClient(() => (sandbox as PodSandbox).spawn([process.execPath, this.options.bundle, 'client'], { stdio: ['pipe', 'pipe', 'inherit'] }));
    return client.send(call, load).finally(() => client.close());
  }

  private async run(pod: Pod, sandbox: PodSandbox, root: string): Promise<void> {
    this.sandboxes.set(pod.metadata.labels?.app ?? pod.metadata.name, sandbox);
    await sandbox.script(this.rootScript(root, pod));
    const plan = planPod(pod, this.snapshot, MESH);
    for (const container of [...pod.spec.initContainers ?? [], ...pod.spec.containers]) {
      const env = containerEnvironment(container, pod, this.snapshot);
      const own = plan.containers.find((candidate) => candidate.container === container);
      const isOurs = container.image?.includes('cdk8s-istio-runtime');
      const authority = isControlPlane(pod) ? ['--secure', '0.0.0.0:15012', '--ca', AUTHORITY] : [];
      const argv = isOurs ? [...MESH, ...(container.args ?? []).map((word) => expand(word, env)), ...authority] : own?.argv ?? [];
      await this.runContainer(pod, container, { sandbox, root, argv, env });
    }
  }

  private async runContainer(pod: Pod, container: Container, { sandbox, root, argv, env }: ContainerRun): Promise<void> {
    const user = { ...pod.spec.securityContext as SecurityContext, ...container.securityContext as SecurityContext };
    const as = user.runAsUser ? ['setpriv', `--reuid=${user.runAsUser}`, `--regid=${user.runAsGroup ?? user.runAsUser}`, '--clear-groups', '--'] : [];
    const image = { PATH: `${dirname(IMAGE.envoy)}:${process.env.PATH}`, MESH_FILES: IMAGE.manifests };
    const child = sandbox.spawn(['chroot', join(root, 'fs'), ...as, ...argv], { env: { ...image, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => { said = (said + chunk.toString()).slice(-2_000); });
    }
    const isInit = container.name === 'istio-init';
    const code = await Promise.race([new Promise<number>((resolve) => child.once('exit', (exit) => resolve(exit ?? 128))), ...(isInit ? [] : [sleep(0)])]);
    if (code !== undefined && code !== 0) {
      throw new Error(`${pod.metadata.name} ${container.name} ended with ${code}: ${said}`);
    }
    child.on('exit', (exit) => process.stderr.write(`${pod.metadata.name} ${container.name} ended with ${exit}: ${said}\n`));
  }

  /** The container's file system: the machine's, in which what is written stays ours, with the pod's volumes. */
  private rootScript(root: string, pod: Pod): string {
    const { metadata } = pod;
    mkdirSync(root, { recursive: true });
    const fs = join(root, 'fs');
    const { bundle, envoy, manifests } = this.options;
    const files = [[process.execPath, IMAGE.node], [bundle, IMAGE.mesh], [envoy, IMAGE.envoy]] as const;
    return [
      `mount -t tmpfs tmpfs ${root}`,
      `mkdir -p ${fs} ${root}/upper ${root}/work`,
      `mount -t overlay overlay -o lowerdir=/,upperdir=${root}/upper,workdir=${root}/work ${fs}`,
      ...['/proc', '/dev', '/sys'].map((path) => `mkdir -p ${fs}${path} && mount --rbind ${path} ${fs}${path}`),
      ...files.map(([path, place]) => `mkdir -p ${fs}${dirname(place)} && touch ${fs}${place} && mount --bind ${path} ${fs}${place}`),
      `cp -r ${manifests} ${fs}${IMAGE.manifests} && chmod -R a+rX ${fs}${IMAGE.manifests}`,
      ...['/etc/resolv.conf', '/etc/hosts'].map((path) => `cp --remove-destination ${path} ${fs}${path}`),
      `mkdir -p ${fs}/etc/istio/pod ${fs}/etc/istio/proxy ${fs}/var/lib/istio/data`,
      ...(['labels', 'annotations'] as const).map((name) => `echo ${base64(downwardMap(metadata[name]))} | base64 -d > ${fs}/etc/istio/pod/${name}`),
      `mount -t tmpfs -o uid=1337,gid=1337 tmpfs ${fs}/etc/istio/proxy`,
      ...this.trustScript(fs, pod),
      'echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start',
    ].join('\n');
  }

  /** The volumes by which a proxy proves who it is; those of the control plane hold its authority. */
  private trustScript(fs: string, pod: Pod): string[] {
    if (isControlPlane(pod)) {
      return [`mkdir -p ${fs}${AUTHORITY}`, `mount --bind ${this.authority} ${fs}${AUTHORITY}`];
    }
    const secrets = `${fs}${SECRETS}`;
    const token = new TokenFolder(this.authority).invite({ namespace: pod.metadata.namespace, serviceAccount: pod.spec.serviceAccountName ?? 'default' }, TOKEN_LIFETIME);
    this.giveTokens();
    return [
      `mkdir -p ${secrets}/istio ${secrets}/tokens ${secrets}/workload-spiffe-uds && chmod -R a+rX ${secrets}`,
      `mount -t tmpfs -o uid=${USER},gid=${USER} tmpfs ${secrets}/workload-spiffe-uds`,
      `cp ${join(this.authority, 'root-cert.pem')} ${secrets}/istio/root-cert.pem`,
      `echo ${token} > ${secrets}/tokens/istio-token && chown ${USER}:${USER} ${secrets}/tokens/istio-token`,
    ];
  }

  private giveTokens(): void {
    const folder = join(this.authority, 'tokens');
    [folder, ...readdirSync(folder).map((name) => join(folder, name))].forEach((path) => chownSync(path, USER, USER));
  }

  private async hasRoots(): Promise<void> {
    while (!existsSync(join(this.authority, 'root-cert.pem'))) await sleep(20);
  }
}

function isControlPlane({ metadata }: Pod): boolean {
  return metadata.labels?.app === 'istiod';
}

interface ContainerRun {
  readonly sandbox: PodSandbox;
  readonly root: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

const context = insideContext();
let kubelet: Kubelet | undefined;
context?.channel.handle('start', async (options: KubeletOptions) => {
  kubelet = await Kubelet.start(options, context.runDirectory);
});
context?.channel.handle('send', (call: KubeletCall) => kubelet?.send(call));
context?.channel.onClose(() => process.exit(0));
