import { key } from '../../model/attachment';

/** Connections that go through an HTTP proxy: the request that asks it to connect. */
export interface Tunnel {
  readonly method: 'CONNECT' | 'POST';
  /** `host:port` */
  readonly target: string;
}

/** A subset does not inherit its host's, as in Istio. */
export const tunnel = key<Tunnel>('tunnel', 'level');
