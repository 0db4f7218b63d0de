import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';

import type { ApiAccess } from './access';

/** What the API server answered in the place of what was asked for. */
export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
  /** Milliseconds without a byte. */
  readonly timeout?: number;
}

const TIMEOUT_MS = 10_000;
const MOST_CONNECTIONS = 64;
/** The server itself closes connections that are idle for 90 s: one that is used again just then would fail. */
const IDLE_MS = 60_000;

/** The API server of one cluster. */
export class KubernetesApi {
  private readonly agent: Agent;
  private readonly prefix: string;

  constructor(private readonly access: ApiAccess) {
    this.agent = new Agent({ keepAlive: true, timeout: IDLE_MS, maxSockets: MOST_CONNECTIONS, ...access.tls });
    this.prefix = access.server.pathname.replace(/\/$/, '');
  }

  /** For the log. */
  get address(): string {
    return this.access.server.href;
  }

  /** @throws ApiError, or why the server cannot be reached */
  async send<T>(what: ApiRequest): Promise<T> {
    const response = await this.open(what);
    return JSON.parse(await textOf(response)) as T;
  }

  /** An answer whose body comes bit by bit. @throws as `send` */
  async open(what: ApiRequest): Promise<IncomingMessage> {
    const response = await this.exchange(what);
    const { statusCode = 0 } = response;
    if (statusCode >= 200 && statusCode < 300) return response;
    throw new ApiError(statusCode, `${what.method} ${what.path}: ${statusCode} ${reasonOf(await textOf(response))}`);
  }

  close(): void {
    this.agent.destroy();
  }

  private exchange({ method, path, body, timeout = TIMEOUT_MS }: ApiRequest): Promise<IncomingMessage> {
    const { server: { hostname, port }, token } = this.access;
    const bearer = token();
    const headers = {
      accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
    };
    return new Promise((resolve, reject) => {
      // A host in brackets is one of IPv6.
      const outgoing = request({ method, host: hostname.replace(/^\[|\]$/g, ''), port: port || 443, path: `${this.prefix}${path}`, headers, agent: this.agent, timeout }, resolve);
      outgoing.on('timeout', () => outgoing.destroy(new Error(`${this.address} is silent for ${timeout / 1000} s`)));
      outgoing.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

/** A Status says why; https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
function reasonOf(body: string): string {
  try {
    return (JSON.parse(body) as { readonly message?: string }).message ?? '';
  } catch {
    return body.slice(0, 200);
  }
}
