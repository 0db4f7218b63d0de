import { isIPv6 } from 'node:net';
import type { DestinationRuleSpecTrafficPolicyTunnel as Spec } from '../../../../imports/istio/destination-rule.types';
import { attach } from '../../model/attachment';
import type { Place } from '../../model/place';
import { PORT, readNumber } from '../number-range';
import type { Reader } from '../reader';
import type { Tunnel } from './model';
import { tunnel } from './model';

export const tunnelReader: Reader = {
  policy(spec, place) {
    const read = spec.tunnel && readTunnel(spec.tunnel, place.at('tunnel'));
    return read ? [attach(tunnel, read)] : [];
  },
};

function readTunnel(spec: Spec, place: Place): Tunnel | undefined {
  const port = readNumber(spec.targetPort, PORT, place.at('targetPort'));
  const method = (spec.protocol || 'CONNECT').toUpperCase();
  if (method !== 'CONNECT' && method !== 'POST') {
    place.at('protocol').problem(`'${spec.protocol}' is neither CONNECT nor POST: connections are not tunnelled`);
    return undefined;
  }
  if (!/^[^\s:/]+$/.test(spec.targetHost) && !isIPv6(spec.targetHost)) {
    place.at('targetHost').problem(`'${spec.targetHost}' is no host name and no IP address: connections are not tunnelled`);
    return undefined;
  }
  return port === undefined ? undefined : { method, target: `${isIPv6(spec.targetHost) ? `[${spec.targetHost}]` : spec.targetHost}:${port}` };
}
