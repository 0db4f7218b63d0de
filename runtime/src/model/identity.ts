export const TRUST_DOMAIN = 'cluster.local';

/** Who a workload is: workloads of one account are alike. */
export interface Identity {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** The name in a workload's certificate; https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md and Istio's form of the path. */
export function spiffeId(trustDomain: string, { namespace, serviceAccount }: Identity): string {
  return `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;
}
