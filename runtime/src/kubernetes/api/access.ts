import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';

/** Where an API server is, and how we prove to it who we are. */
export interface ApiAccess {
  /** `https://HOST:PORT`, and what its paths begin with. */
  readonly server: URL;
  readonly tls: Pick<SecureContextOptions, 'ca' | 'cert' | 'key'> & { readonly servername?: string; readonly rejectUnauthorized?: boolean };
  /** Asked for each request: a kubelet renews tokens. */
  readonly token: () => string | undefined;
  readonly namespace?: string;
}

/** What every pod is given: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** As a pod's own account; undefined where this is no pod. */
export function readInCluster(env: NodeJS.ProcessEnv, folder = ACCOUNT_FOLDER): ApiAccess | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
  if (!host) return undefined;
  return {
    server: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`),
    tls: { ca: readFileSync(join(folder, 'ca.crt'), 'utf8') },
    token: () => readFileSync(join(folder, 'token'), 'utf8').trim(),
    namespace: readFileSync(join(folder, 'namespace'), 'utf8').trim(),
  };
}
