import type { DestinationRuleSpecTrafficPolicyConnectionPool as Pool } from '../../istio';
import { checkPrecision } from './http-rule';
import { isEmpty, type Tell } from './tell';

export function checkPool(pool: Pool | undefined, path: string, tell: Tell): void {
  if (!pool) return;
  const { http, tcp } = pool;
  if (isEmpty(pool)) tell(path, 'is empty, so it changes nothing: leave it out');
  if (http?.useClientProtocol && http.h2UpgradePolicy === 'UPGRADE') {
    tell(`${path}.http.useClientProtocol`, 'is true beside h2UpgradePolicy: UPGRADE: either the client chooses the protocol, or it is HTTP/2');
  }
  for (const field of ['interval', 'timeout'] as const) {
    if (http?.http2KeepAlive && !http.http2KeepAlive[field]) tell(`${path}.http.http2KeepAlive.${field}`, 'is missing: Istio asks for interval and timeout');
  }
  for (const [field, duration] of Object.entries({
    'http.idleTimeout': http?.idleTimeout, 'tcp.idleTimeout': tcp?.idleTimeout, 'tcp.connectTimeout': tcp?.connectTimeout, 'tcp.maxConnectionDuration': tcp?.maxConnectionDuration,
  })) checkPrecision(duration, `${path}.${field}`, tell);
}
