import { isIP } from 'node:net';
import { Failure } from './failure';

const MOST_PORT = 65_535;

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:15010`, `[::1]:15010`, `localhost:0`; throws a `Failure` that names the option. */
export function readListenAddress(option: string, text: string): ListenAddress {
  const [, host = '', digits = ''] = /^(?:\[(?=.*\]))?([^[\]]*)\]?:(\d+)$/.exec(text) ?? [];
  const port = Number(digits);
  if (host === '' || digits === '' || port > MOST_PORT || (host.includes(':') && isIP(host) !== 6)) {
    throw new Failure(`${option} ${text}: expected HOST:PORT with a port of 0 to ${MOST_PORT}, such as 127.0.0.1:15010`);
  }
  return { host, port };
}

/** Where xDS is served: an address, or `unix:` and the path of a socket. */
export function checkXdsAddress(option: string, text: string): void {
  if (text.startsWith('unix:')) {
    if (text === 'unix:') throw new Failure(`${option} ${text}: expected unix:PATH`);
    return;
  }
  readListenAddress(option, text);
}
