import type { Authenticator, Caller, Credentials } from './authenticator';
import { isIdentity } from './spiffe';

/** What Kubernetes answers: `status` of a TokenReview, https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/ */
export interface TokenReviewStatus {
  readonly authenticated?: boolean;
  readonly error?: string;
  readonly audiences?: readonly string[];
  readonly user?: { readonly username?: string; readonly groups?: readonly string[] };
}

/** Asks the Kubernetes API server of a cluster. */
export interface TokenReviewer {
  review(spec: { readonly token: string; readonly audiences: readonly string[] }): Promise<TokenReviewStatus>;
}

/** The audience of the tokens that are projected into pods for Istio. */
const TOKEN_AUDIENCE = 'istio-ca';
const ACCOUNTS = 'system:serviceaccounts';
const LONGEST_TOKEN = 16 * 1024;

/** Service account tokens of Kubernetes, looked at by its API server; the checks are those of istiod (security/pkg/k8s/tokenreview). */
export class ServiceAccountTokens implements Authenticator {
  readonly name = 'service account token';

  /** @param reviewers by cluster id; callers that name no cluster are of the first */
  constructor(private readonly reviewers: ReadonlyMap<string, TokenReviewer>) {}

  async authenticate({ token, cluster }: Credentials): Promise<Caller | string> {
    if (!token) return 'no bearer token';
    if (token.length > LONGEST_TOKEN) return `the token has ${token.length} characters, at most ${LONGEST_TOKEN} are read`;
    const reviewer = cluster ? this.reviewers.get(cluster) : [...this.reviewers.values()][0];
    if (!reviewer) return `the caller is of cluster ${JSON.stringify(cluster)}, known are ${[...this.reviewers.keys()].join(', ') || 'none'}`;
    const identity = readReview(await reviewer.review({ token, audiences: [TOKEN_AUDIENCE] }));
    return typeof identity === 'string' ? identity : { identity, proof: this.name };
  }
}

function readReview({ authenticated, error, audiences, user: { username = '', groups = [] } = {} }: TokenReviewStatus): Caller['identity'] | string {
  if (error) return `Kubernetes refuses the token: ${error}`;
  if (!authenticated) return 'Kubernetes does not know the token';
  // An API server that knows nothing of audiences says so by naming none: its word would hold for tokens of anything.
  if (!audiences?.includes(TOKEN_AUDIENCE)) return `the token is for ${audiences?.join(', ') || 'no audience'}, expected ${TOKEN_AUDIENCE}`;
  const [system, kind, namespace = '', serviceAccount = '', ...rest] = username.split(':');
  if (system !== 'system' || kind !== 'serviceaccount' || rest.length > 0 || !isIdentity({ namespace, serviceAccount })) {
    return `the token is of ${JSON.stringify(username)}, expected system:serviceaccount:NAMESPACE:ACCOUNT`;
  }
  return groups.includes(ACCOUNTS) ? { namespace, serviceAccount } : `the token's user is not in the group ${ACCOUNTS}`;
}
