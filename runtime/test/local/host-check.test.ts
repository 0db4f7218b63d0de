import { checkHost, formatRefusal, missingPackages, type HostFacts, type Probe } from '../../src/local/host-check';

const WELL: Probe = { message: '' };
const REFUSED: Probe = { failed: 'namespaces', message: 'unshare failed: Operation not permitted' };

function facts(given: Partial<HostFacts> & { sysctls?: Record<string, string> }): HostFacts {
  return {
    platform: 'linux', uid: 1000, inContainer: false, hasTool: () => true, sysctl: (name) => given.sysctls?.[name], probe: () => Promise.resolve(WELL), ...given,
  };
}

async function refusal(given: Parameters<typeof facts>[0]): Promise<string> {
  const { refusal: refused } = await checkHost(facts(given));
  return refused ? formatRefusal(refused) : 'none';
}

describe('the check of the host', () => {
  test('a user gets a user namespace; root goes without, and with one where it must', async () => {
    expect(await checkHost(facts({}))).toEqual({ kind: 'user' });
    expect(await checkHost(facts({ uid: 0 }))).toEqual({ kind: 'root' });
    expect(await checkHost(facts({ uid: 0, probe: (kind) => Promise.resolve(kind === 'root' ? REFUSED : WELL) }))).toEqual({ kind: 'user' });
  });

  test('missing tools: the packages and the one command', async () => {
    const hasTool = (name: string) => !['ip', 'iptables-restore'].includes(name);
    expect(missingPackages(hasTool)).toEqual(['iproute2', 'iptables']);
    expect(await refusal({ hasTool })).toBe('cannot run a mesh here: missing iproute2 and iptables\nInstall with:\n  sudo apt-get install --yes iproute2 iptables');
    expect(await refusal({ hasTool, uid: 0 })).toContain('\n  apt-get install --yes iproute2 iptables');
  });

  test('a container without privileges', async () => {
    expect(await refusal({ inContainer: true, uid: 0, probe: () => Promise.resolve(REFUSED) })).toMatch(/container may not create namespaces \(unshare failed: Operation not permitted\)\n.*\n {2}docker run --privileged/);
  });

  test.each([
    ['kernel.apparmor_restrict_unprivileged_userns', '1', /AppArmor[^]*apparmor_parser -r \/etc\/apparmor\.d\/unshare[^]*sudo sysctl -w kernel\.apparmor_restrict_unprivileged_userns=0/],
    ['kernel.unprivileged_userns_clone', '0', /sudo sysctl -w kernel\.unprivileged_userns_clone=1/],
    ['user.max_user_namespaces', '0', /sudo sysctl -w user\.max_user_namespaces=15000/],
    ['kernel.something', '0', /Run as root/],
  ])('the setting %s = %s', async (name, value, expected) => {
    // Ubuntu lets the namespace be made and then refuses everything in it.
    const probe = () => Promise.resolve<Probe>({ failed: 'network', message: 'RTNETLINK answers: Operation not permitted' });
    expect(await refusal({ sysctls: { [name]: value }, probe })).toMatch(expected);
  });

  test('a kernel without iptables', async () => {
    const probe = () => Promise.resolve<Probe>({ failed: 'capture', message: 'iptables-restore: unable to initialize table nat' });
    expect(await refusal({ probe })).toMatch(/iptables does not work[^]*modprobe/);
  });

  test('another system than Linux', async () => {
    expect(await refusal({ platform: 'darwin' })).toMatch(/needs Linux, this is darwin[^]*docker run --privileged/);
  });
});
