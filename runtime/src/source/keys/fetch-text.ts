import { request, type IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { AddressGuard } from './address-guard';
import type { Dialer } from './dialer';

export interface FetchOptions {
  readonly guard: AddressGuard;
  readonly dialer: Dialer;
  /** Milliseconds for everything, redirects included. */
  readonly timeout: number;
}

const MAX_REDIRECTS = 5;
/** Keys of the largest issuers are a few kilobytes. */
const MAX_BYTES = 1 << 20;

/**
 * The body behind a URL that a user wrote. Every address is looked at after its name is resolved, and it is that address that is connected to;
 * the same holds for every redirect.
 *
 * @throws with a sentence for people
 */
export async function fetchText(from: string, options: FetchOptions): Promise<string> {
  const signal = AbortSignal.timeout(options.timeout);
  try {
    return await follow(new URL(from), options, signal);
  } catch (error) {
    throw signal.aborted ? new Error(`${new URL(from).host} takes longer than ${options.timeout} ms`, { cause: error }) : error;
  }
}

async function follow(start: URL, options: FetchOptions, signal: AbortSignal): Promise<string> {
  let url = start;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const answer = await get(url, options, signal);
    const location = (answer.statusCode ?? 0) >= 300 && (answer.statusCode ?? 0) < 400 ? answer.headers.location : undefined;
    if (location === undefined) {
      return await bodyOf(answer, url);
    }
    answer.destroy();
    url = redirected(url, location);
  }
  throw new Error(`${start.host} leads on more than ${MAX_REDIRECTS} times`);
}

function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (!to || (to.protocol !== 'https:' && (to.protocol !== 'http:' || from.protocol === 'https:'))) {
    throw new Error(`${from.host} leads to '${location}', where keys are not taken from`);
  }
  return to;
}

async function get(url: URL, options: FetchOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const socket = await dial(url, options, signal);
  return new Promise((resolve, reject) => {
    const asking = request({
      createConnection: () => socket, host: url.hostname, path: `${url.pathname}${url.search}`, signal,
      headers: { 'host': url.host, 'accept': 'application/json', 'accept-encoding': 'identity', 'connection': 'close' },
    });
    asking.once('response', resolve).once('error', (error) => reject(new Error(`${url.host} cannot be asked: ${error.message}`))).end();
  });
}

async function dial(url: URL, { guard, dialer }: FetchOptions, signal: AbortSignal): Promise<Socket> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(host) ? [host] : await dialer.addressesOf(host).catch((error: Error) => { throw new Error(`${host} is not found (${error.message})`); });
  const address = addresses.find((one) => guard.allows(one));
  if (address === undefined) {
    throw new Error(addresses.length === 0 ? `${host} has no address` : `${host} is ${addresses.join(', ')}, where keys are not taken from: the machine itself, its link and its cloud are blocked`);
  }
  const secure = url.protocol === 'https:';
  const socket = await dialer.connect(address, url.port ? Number(url.port) : secure ? 443 : 80, signal)
    .catch((error: Error) => { throw new Error(`${url.host} cannot be connected to: ${error.message}`); });
  return secure ? await handshake(socket, host) : socket;
}

function handshake(socket: Socket, host: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const secure = connectTls({ socket, host, minVersion: 'TLSv1.2', ...(isIP(host) ? {} : { servername: host }) }, () => resolve(secure));
    secure.once('error', (error) => reject(new Error(`${host} does not prove who it is: ${error.message}`)));
  });
}

async function bodyOf(answer: IncomingMessage, url: URL): Promise<string> {
  if (answer.statusCode === undefined || answer.statusCode < 200 || answer.statusCode >= 300) {
    answer.destroy();
    throw new Error(`${url.host} answers ${answer.statusCode}`);
  }
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_BYTES) {
      answer.destroy();
      throw new Error(`${url.host} answers more than ${MAX_BYTES} bytes`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
