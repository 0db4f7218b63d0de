import { existsSync, readFileSync } from 'node:fs';
import { namespaceKinds, unshareCommand, type NamespaceKind } from './namespaces';
import { hasTool, runTool } from './tool';

/** Why a mesh cannot run on this machine, and the exact remedy. */
export interface Refusal {
  readonly reason: string;
  /** Lines for the user, commands to copy among them. */
  readonly remedy: readonly string[];
}

export interface HostCheck {
  readonly refusal?: Refusal;
  /** How to make the namespaces; set when there is no refusal. */
  readonly kind?: NamespaceKind;
}

/** Facts about the machine, so that the remedies can be tested without such machines. */
export interface HostFacts {
  readonly platform: NodeJS.Platform;
  readonly uid: number;
  readonly inContainer: boolean;
  hasTool(name: string): boolean;
  /** The value of a sysctl, such as `kernel.unprivileged_userns_clone`; undefined where the kernel has none. */
  sysctl(name: string): string | undefined;
  /** Tries everything that a mesh needs in fresh namespaces. */
  probe(kind: NamespaceKind): Promise<Probe>;
}

export interface Probe {
  /** The step that failed; undefined when all is well. */
  readonly failed?: 'namespaces' | 'network' | 'capture' | 'pod';
  readonly message: string;
}

const PACKAGE_OF: Readonly<Record<string, string>> = {
  'unshare': 'util-linux', 'nsenter': 'util-linux', 'mount': 'mount', 'ip': 'iproute2', 'iptables-restore': 'iptables',
};

/** Packages (Debian's names) that a mesh needs and that this machine lacks. */
export function missingPackages(has: (tool: string) => boolean = hasTool): string[] {
  return [...new Set(Object.entries(PACKAGE_OF).filter(([tool]) => !has(tool)).map(([, name]) => name))];
}

/** Checks that this machine can run a mesh: about 50 ms. */
export async function checkHost(facts: HostFacts = thisHost()): Promise<HostCheck> {
  if (facts.platform !== 'linux') {
    return { refusal: { reason: `a mesh needs Linux, this is ${facts.platform}`, remedy: ['Run it in a Linux container:', '  docker run --privileged --rm -it -v "$PWD:/app" -w /app node:22 npm start'] } };
  }
  const missing = missingPackages((tool) => facts.hasTool(tool));
  if (missing.length > 0) return { refusal: missingRefusal(missing, facts.uid) };
  let failure: Probe | undefined;
  for (const kind of namespaceKinds(facts.uid)) {
    const probe = await facts.probe(kind);
    if (!probe.failed) return { kind };
    // What root itself may not do says more than what a user namespace on top may not.
    failure ??= probe;
  }
  return { refusal: explain(failure as Probe, facts) };
}

/** The refusal as the user reads it. */
export function formatRefusal(refusal: Refusal): string {
  return [`cannot run a mesh here: ${refusal.reason}`, ...refusal.remedy].join('\n');
}

function missingRefusal(packages: readonly string[], uid: number): Refusal {
  const sudo = uid === 0 ? '' : 'sudo ';
  return {
    reason: `missing ${packages.join(' and ')}`,
    remedy: ['Install with:', `  ${sudo}apt-get install --yes ${packages.join(' ')}`],
  };
}

function explain(probe: Probe, facts: HostFacts): Refusal {
  if (probe.failed === 'capture') return captureRefusal(probe);
  if (facts.inContainer) {
    return {
      reason: `this container may not create namespaces (${probe.message})`,
      remedy: ['Start it with:', '  docker run --privileged …', '(podman: the same option)'],
    };
  }
  const setting = SETTINGS.find(({ name, forbids }) => facts.sysctl(name) === forbids);
  return setting
    ? { reason: `${setting.why} (${probe.message})`, remedy: setting.remedy }
    : { reason: `the kernel refuses namespaces (${probe.message})`, remedy: ['Run as root, or in a container started with:', '  docker run --privileged …'] };
}

function captureRefusal(probe: Probe): Refusal {
  return {
    reason: `iptables does not work in a network namespace (${probe.message})`,
    remedy: ['Load the kernel modules with:', '  sudo modprobe -a nf_tables nft_compat nf_nat xt_REDIRECT xt_mark xt_tcpudp iptable_nat', 'then try again'],
  };
}

interface Setting {
  readonly name: string;
  readonly forbids: string;
  readonly why: string;
  readonly remedy: readonly string[];
}

/** Kernel settings that forbid user namespaces, each with what allows them. */
const SETTINGS: readonly Setting[] = [
  {
    name: 'kernel.apparmor_restrict_unprivileged_userns', forbids: '1',
    why: 'AppArmor restricts user namespaces, as Ubuntu has it since 23.10',
    remedy: [
      'Either allow them to unshare, which is what a mesh uses:',
      "  printf 'abi <abi/4.0>,\\nprofile unshare /usr/bin/unshare flags=(unconfined) {\\n  userns,\\n}\\n' | sudo tee /etc/apparmor.d/unshare && sudo apparmor_parser -r /etc/apparmor.d/unshare",
      'or to everybody, until the next start of the machine:',
      '  sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
    ],
  },
  {
    name: 'kernel.unprivileged_userns_clone', forbids: '0',
    why: 'the kernel allows user namespaces to root only',
    remedy: ['Allow them with:', '  sudo sysctl -w kernel.unprivileged_userns_clone=1'],
  },
  {
    name: 'user.max_user_namespaces', forbids: '0',
    why: 'the kernel allows no user namespaces',
    remedy: ['Allow them with:', '  sudo sysctl -w user.max_user_namespaces=15000'],
  },
];

function thisHost(): HostFacts {
  return {
    platform: process.platform,
    uid: process.getuid?.() ?? 0,
    inContainer: existsSync('/.dockerenv') || existsSync('/run/.containerenv') || Boolean(process.env.container),
    hasTool: (name) => hasTool(name),
    sysctl: (name) => readSetting(`/proc/sys/${name.replaceAll('.', '/')}`),
    probe: probeNamespaces,
  };
}

function readSetting(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** The last step named on stdout is the one that failed. */
const PROBE = `
set -e
echo network
ip link add mesh0 type bridge
ip link add veth0 type veth peer name veth1
ip link set veth0 master mesh0
echo capture
iptables-restore <<'RULES'
*nat
:MESH - [0:0]
-A MESH -p tcp -m mark --mark 1337 -j RETURN
-A MESH -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 15001
COMMIT
RULES
echo pod
unshare --net --mount --uts -- mount -t tmpfs none /mnt
echo done
`;

async function probeNamespaces(kind: NamespaceKind): Promise<Probe> {
  const { stdout, stderr } = await runTool([...unshareCommand(kind), 'sh', '-s'], PROBE);
  const step = stdout.trim().split('\n').at(-1);
  if (step === 'done') return { message: '' };
  const message = stderr.trim().split('\n')[0] ?? '';
  return { failed: step === 'network' || step === 'capture' || step === 'pod' ? step : 'namespaces', message };
}
