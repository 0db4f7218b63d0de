import { attach } from '../../model/attachment';
import type { Reader } from '../reader';
import { proxyProtocol } from './model';

export const proxyProtocolReader: Reader = {
  policy: (spec) => (spec.proxyProtocol ? [attach(proxyProtocol, { version: spec.proxyProtocol.version ?? 'V1' })] : []),
};
