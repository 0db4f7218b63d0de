import { createECDH, createHash, createPrivateKey, sign, type JsonWebKey } from 'node:crypto';

/** Year 2100: tokens in files must not grow old. */
const FOR_EVER = 4_102_444_800;

/**
 * An issuer of tokens for tests. Its key follows from its name, so that public keys and tokens may stand in files, and more can be made of them:
 * `npx tsx runtime/test/jwt/test-issuer.ts NAME '{"sub":"alice"}'` prints both. ES256 signs differently each time; all signatures are good.
 */
export class TestIssuer {
  private readonly key: JsonWebKey;

  public constructor(private readonly name: string) {
    const secret = createHash('sha256').update(`key of the test issuer ${name}`).digest();
    const curve = createECDH('prime256v1');
    curve.setPrivateKey(secret);
    const point = curve.getPublicKey();
    const part = (from: number) => point.subarray(from, from + 32).toString('base64url');
    this.key = { kty: 'EC', crv: 'P-256', x: part(1), y: part(33), d: secret.toString('base64url') };
  }

  public get publicKeys(): { readonly keys: readonly JsonWebKey[] } {
    const { d: _private, ...key } = this.key;
    return { keys: [{ ...key, kid: this.name, alg: 'ES256' }] };
  }

  public token(claims: object = {}, header: object = {}): string {
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const text = `${encode({ alg: 'ES256', kid: this.name, typ: 'JWT', ...header })}.${encode({ iss: this.name, sub: 'alice', exp: FOR_EVER, ...claims })}`;
    const signature = sign('sha256', Buffer.from(text), { key: createPrivateKey({ key: this.key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' });
    return `${text}.${signature.toString('base64url')}`;
  }
}

if (require.main === module) {
  const [, , name = 'issuer.example.com', claims = '{}'] = process.argv;
  const issuer = new TestIssuer(name);
  process.stdout.write(`${JSON.stringify(issuer.publicKeys)}\n${issuer.token(JSON.parse(claims) as object)}\n`);
}
