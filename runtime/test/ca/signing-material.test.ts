import { CaFaults, readSigningMaterial, type CaFiles } from '../../src/ca/signing-material';
import { cacerts, ecKey, keyPem, rsaKey, testAuthority, type TestAuthority } from './test-pki';

const DAY = 24 * 60 * 60 * 1000;
let root: TestAuthority;
let middle: TestAuthority;
let signer: TestAuthority;

beforeAll(async () => {
  root = await testAuthority('Example Root');
  middle = await testAuthority('Example Middle', { issuer: root, notAfter: new Date(Date.now() + 50 * DAY) });
  signer = await testAuthority('Example Mesh', { issuer: middle, notAfter: new Date(Date.now() + 70 * DAY) });
});

function faultOf(files: CaFiles): string {
  try {
    readSigningMaterial(files);
    return 'none';
  } catch (error) {
    if (error instanceof CaFaults) return error.faults.map(({ entry, message }) => `${entry}: ${message}`).join('\n');
    throw error;
  }
}

const withFile = (name: string, text: string): CaFiles => new Map(cacerts(signer, [middle], root)).set(name, text);
const without = (name: string): CaFiles => new Map([...cacerts(signer, [middle], root)].filter(([key]) => key !== name));

describe('forms', () => {
  test('ca-cert.pem, ca-key.pem, root-cert.pem and cert-chain.pem', () => {
    const material = readSigningMaterial(cacerts(signer, [middle], root));
    expect(material.chain).toEqual([signer.certificate, middle.certificate]);
    expect(material.roots).toEqual([root.certificate]);
    expect(material.end.getTime()).toBeCloseTo(Date.now() + 50 * DAY, -4);
  });

  test('where ca-cert.pem is the root, cert-chain.pem may be left out, be empty, or hold the root again', () => {
    const files = cacerts(root, [], root);
    for (const chain of [undefined, '', '\n', root.certificate]) {
      const given = new Map([...files].filter(([name]) => name !== 'cert-chain.pem'));
      const material = readSigningMaterial(chain === undefined ? given : given.set('cert-chain.pem', chain));
      expect(material.chain).toEqual([]);
      expect(material.roots).toEqual([root.certificate]);
    }
  });

  test('a chain that ends with the root, and lines as on Windows', () => {
    const files = withFile('cert-chain.pem', [signer, middle, root].map(({ certificate }) => certificate.replace(/\n/g, '\r\n')).join(''));
    expect(readSigningMaterial(files).chain).toEqual([signer.certificate, middle.certificate]);
  });

  test('tls.crt, tls.key and ca.crt, the chain in tls.crt as cert-manager writes it', () => {
    const files = new Map([['tls.crt', signer.certificate + middle.certificate], ['tls.key', keyPem(signer.key)], ['ca.crt', root.certificate]]);
    expect(readSigningMaterial(files).chain).toEqual([signer.certificate, middle.certificate]);
  });

  test('several roots, of which one leads to the signer', async () => {
    const other = await testAuthority('Other Root');
    expect(readSigningMaterial(withFile('root-cert.pem', other.certificate + root.certificate)).roots).toEqual([other.certificate, root.certificate]);
  });

  test('a signer that two roots have certified: whichever is there leads on', async () => {
    const next = await testAuthority('Next Root');
    const crossed = await testAuthority('Example Middle', { issuer: next, key: middle.key });
    const files = new Map(cacerts(signer, [middle, crossed], next));
    expect(readSigningMaterial(files).chain).toEqual([signer.certificate, middle.certificate, crossed.certificate]);
  });

  test.each([['PKCS #1', () => ({ key: rsaKey(), type: 'pkcs1' as const })], ['SEC 1', () => ({ key: ecKey('P-384'), type: 'sec1' as const })]])('a key as %s', async (_, make) => {
    const { key, type } = make();
    const own = await testAuthority('Own Root', { key });
    const files = new Map(cacerts(own, [], own)).set('ca-key.pem', key.export({ type, format: 'pem' } as { type: 'pkcs1'; format: 'pem' }) as string);
    expect(readSigningMaterial(files).certificate.subject).toBe('CN=Own Root');
  });
});

describe('broken ones say what, where, what was expected and how to mend it', () => {
  test('missing files', () => {
    expect(faultOf(without('ca-key.pem'))).toMatch(/^ca-key\.pem: is missing or empty: there is ca-cert\.pem, cert-chain\.pem, root-cert\.pem; expected .*tls\.crt, tls\.key and ca\.crt$/);
    expect(faultOf(new Map())).toMatch(/there is nothing/);
    expect(faultOf(new Map([['tls.crt', signer.certificate]]))).toMatch(/tls\.key: is missing.*\nca\.crt: is missing/);
  });

  test('no PEM, half a certificate', () => {
    expect(faultOf(withFile('ca-cert.pem', 'hello'))).toBe('ca-cert.pem: holds no certificate in PEM (-----BEGIN CERTIFICATE-----)');
    expect(faultOf(withFile('root-cert.pem', root.certificate.replace(/\n.{20}/, '\n')))).toMatch(/^root-cert\.pem: holds a certificate that cannot be read, number 1 of 1/);
  });

  test('a key of another certificate, with a password, or none', () => {
    expect(faultOf(withFile('ca-key.pem', keyPem(ecKey())))).toMatch(/^ca-key\.pem: is not the key of the certificate in ca-cert\.pem/);
    const locked = signer.key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'secret' }) as string;
    expect(faultOf(withFile('ca-key.pem', locked))).toMatch(/^ca-key\.pem: holds no private key in PEM without a password/);
    expect(faultOf(withFile('ca-key.pem', signer.certificate))).toMatch(/^ca-key\.pem: holds no private key/);
  });

  test('a message never quotes the key', () => {
    const text = keyPem(signer.key);
    const fault = faultOf(withFile('ca-key.pem', text.replace(/\n(.{10})/, '\n!!!$1')));
    expect(fault).not.toContain(text.split('\n')[1]!.slice(0, 16));
  });

  test('weak keys', async () => {
    const weak = await testAuthority('Weak', { key: rsaKey(1024) });
    expect(faultOf(cacerts(weak, [], weak))).toBe('ca-key.pem: is an RSA key of 1024 bits, expected 2048 to 8192');
  });

  test('a certificate that may not sign', async () => {
    const leaf = await testAuthority('Leaf', { issuer: root, ca: false });
    expect(faultOf(cacerts(leaf, [], root))).toMatch(/^ca-cert\.pem: does not lead to a root.*the certificate of 'CN=Leaf' may not sign others: it has no CA:TRUE/);
  });

  test('a certificate that is over, or not yet good', async () => {
    const over = await testAuthority('Over', { issuer: root, notAfter: new Date(Date.now() - 1000) });
    expect(faultOf(cacerts(over, [], root))).toMatch(/the certificate of 'CN=Over' ended on 20/);
    const early = await testAuthority('Early', { issuer: root, notBefore: new Date(Date.now() + DAY) });
    expect(faultOf(cacerts(early, [], root))).toMatch(/the certificate of 'CN=Early' is not valid before 20/);
  });

  test('an intermediate is missing', () => {
    const fault = faultOf(withFile('cert-chain.pem', signer.certificate));
    expect(fault).toContain("'CN=Example Mesh' was issued by 'CN=Example Middle', of which there is no certificate");
    expect(fault).toContain('Put the authorities between them into cert-chain.pem');
  });

  test('the root of somebody else', async () => {
    const other = await testAuthority('Other Root');
    expect(faultOf(withFile('root-cert.pem', other.certificate))).toContain("'CN=Example Middle' was issued by 'CN=Example Root', of which there is no certificate");
    const alike = await testAuthority('Example Root');
    expect(faultOf(withFile('root-cert.pem', alike.certificate))).toContain('holds another key than the one that signed it');
  });

  test('an intermediate in place of the root', () => {
    expect(faultOf(withFile('root-cert.pem', middle.certificate))).toMatch(/^root-cert\.pem: holds 'CN=Example Middle', which 'CN=Example Root' has issued: only roots/);
  });

  test('more authorities than the root allows', async () => {
    const narrow = await testAuthority('Narrow', { pathLength: 0 });
    const between = await testAuthority('Between', { issuer: narrow });
    expect(faultOf(cacerts(between, [], narrow))).toMatch(/the certificate of 'CN=Narrow' allows 0 authorities below it, there are 1/);
  });

  test('authorities that certify each other end somewhere', async () => {
    const [a, b] = [ecKey(), ecKey()];
    const one = await testAuthority('A', { key: a, issuer: { name: 'B', key: b, certificate: '' } });
    const two = await testAuthority('B', { key: b, issuer: { name: 'A', key: a, certificate: '' } });
    expect(faultOf(cacerts(one, [two], root))).toMatch(/does not lead to a root/);
  });
});
