import type { KubernetesApi } from './client';

/** https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/ */
export interface TokenReviewSpec {
  readonly token: string;
  readonly audiences: readonly string[];
}

export interface TokenReviewStatus {
  readonly authenticated?: boolean;
  readonly error?: string;
  readonly audiences?: readonly string[];
  readonly user?: { readonly username?: string; readonly groups?: readonly string[] };
}

/** Asks whose token it is, and whether for one of these audiences. The server knows tokens that have ended, and those of accounts and pods that are gone. */
export async function reviewToken(api: KubernetesApi, spec: TokenReviewSpec): Promise<TokenReviewStatus> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec };
  const { status = {} } = await api.send<{ readonly status?: TokenReviewStatus }>({ method: 'POST', path: '/apis/authentication.k8s.io/v1/tokenreviews', body });
  return status;
}
