import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { status } from '@grpc/grpc-js';
import { Registry } from 'prom-client';

import { AuthorityMetrics, JoinTokens, MeshAuthority, placeInFolder, readAuthoritySettings, ServiceAccountTokens, type TokenReviewStatus, type Trust } from '../../src/ca';
import { parseNode } from '../../src/compile';
import { SecuredPort } from '../../src/control/secured-port';
import { TYPE_URLS } from '../../src/model/configuration';
import { XdsServer } from '../../src/xds';
import { cluster, configuration } from '../xds/fixtures';
import { askForCertificate, type CaCall } from './ca-client';
import { ecKey, keyPem, testRequest } from './test-pki';

export const REVIEWS = { namespace: 'bookinfo', serviceAccount: 'reviews' };
export const REVIEWS_ID = 'spiffe://cluster.local/ns/bookinfo/sa/reviews';
export const SECRET = { name: 'kubernetes://edge', version: '1', bytes: new Uint8Array([10, 1, 120]) };
export const UNKNOWN = { code: status.UNAUTHENTICATED, details: 'request authenticate failure' };

/** What API servers answer, word for word where the words count. */
export const GOOD: TokenReviewStatus = {
  authenticated: true,
  audiences: ['istio-ca'],
  user: { username: 'system:serviceaccount:bookinfo:reviews', groups: ['system:serviceaccounts', 'system:serviceaccounts:bookinfo', 'system:authenticated'] },
};

/** The secured port of a control plane with an authority of its own, and who knocks there. */
export class TestSecuredPort {
  public readonly folder = mkdtempSync(join(tmpdir(), 'ca-'));
  public readonly registry = new Registry();
  public readonly logged: string[] = [];
  public readonly withheld: string[] = [];
  public readonly refused: string[] = [];
  public trust: Trust = { domain: 'cluster.local', aliases: ['old.example.com'] };
  /** What Kubernetes says of the next tokens. */
  public review: TokenReviewStatus | Error = GOOD;
  public plainPort = 0;
  private readonly tokens = new JoinTokens();
  private lastToken = 0;
  private readonly metrics = new AuthorityMetrics(this.registry);
  private readonly owner = new MeshAuthority({
    place: placeInFolder(this.folder, this.log.bind(this)), settings: readAuthoritySettings({}), trust: () => this.trust, metrics: this.metrics,
    log: this.log.bind(this), onChange: () => undefined,
  });
  private readonly xds: XdsServer = new XdsServer({
    onConnect: ({ id }) => this.xds.setConfiguration(id, new Map([...configuration({ clusters: [cluster('a')] }), [TYPE_URLS.secret, new Map([[SECRET.name, SECRET]])]])),
    onWithheld: ({ node }) => void this.withheld.push(node.id),
    onRefused: ({ reason }) => void this.refused.push(reason),
  });
  private secured: SecuredPort | undefined;

  public async open(): Promise<void> {
    await this.owner.use(undefined);
    const reviewer = { review: ({ audiences }: { audiences: readonly string[] }) => {
      expect(audiences).toEqual(['istio-ca']);
      return this.review instanceof Error ? Promise.reject(this.review) : Promise.resolve(this.review);
    } };
    this.secured = await SecuredPort.open('127.0.0.1:0', {
      xds: this.xds, authority: this.authority, metrics: this.metrics, log: this.log.bind(this), parseNode, trust: () => this.trust, hosts: ['istiod.istio-system.svc'],
      authenticators: [this.tokens, new ServiceAccountTokens(new Map([['Kubernetes', reviewer]]))],
    });
    this.plainPort = await this.xds.listen('127.0.0.1:0');
  }

  public async close(): Promise<void> {
    this.secured?.close();
    this.owner.close();
    await this.xds.close();
    rmSync(this.folder, { recursive: true });
  }

  /** Each test begins with an empty log, and with tokens that Kubernetes does not know. */
  public forget(): void {
    this.logged.length = 0;
    this.review = { authenticated: false };
  }

  public get port(): number {
    return this.secured!.port;
  }

  public get authority() {
    return this.owner.authority!;
  }

  public readonly roots = (): string => readFileSync(join(this.folder, 'root-cert.pem'), 'utf8');

  public readonly ask = (call: Partial<CaCall>) => askForCertificate({ address: `127.0.0.1:${this.port}`, roots: this.roots(), request: {}, ...call });

  public readonly invite = (identity = REVIEWS, lifetime?: number): string => {
    const token = `token-of-test-${++this.lastToken}-kept-secret`;
    this.tokens.add(token, identity, lifetime);
    return token;
  };

  public readonly certificateOf = async (identity = REVIEWS, seconds = 0): Promise<{ chain: string; key: string }> => {
    const key = ecKey();
    const { certChain } = await this.ask({ token: this.invite(identity), request: { csr: await testRequest({ key }), validityDuration: seconds } });
    return { chain: certChain.slice(0, -1).join(''), key: keyPem(key) };
  };

  private log(_: string, event: object, message: string): void {
    this.logged.push(`${message} ${JSON.stringify(event).replaceAll('\\"', '"')}`);
  }
}
