import { key } from '../../model/attachment';

/** The PROXY header that tells the server who called; https://www.haproxy.org/download/1.8/doc/proxy-protocol.txt */
export interface ProxyProtocol {
  readonly version: 'V1' | 'V2';
}

export const proxyProtocol = key<ProxyProtocol>('proxyProtocol', 'host');
