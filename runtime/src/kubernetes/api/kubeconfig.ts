import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { load } from 'js-yaml';

import { textOf } from '../../model/parsed-value';
import type { ApiAccess } from './access';

type Entry = Readonly<Record<string, unknown>>;

/** Ways in that are programs and protocols of their own. */
const FOREIGN = ['exec', 'auth-provider', 'username', 'as'];

/**
 * The current context of a file that kubectl reads, too: certificates, tokens and files that hold them
 * (https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/).
 *
 * @throws Error that says what is missing
 */
export function readKubeconfig(path: string): ApiAccess {
  const reader = new KubeconfigReader(path, readEntry(load(readFileSync(path, 'utf8'))));
  return reader.read();
}

class KubeconfigReader {
  private readonly folder: string;

  constructor(private readonly path: string, private readonly config: Entry) {
    this.folder = dirname(resolve(path));
  }

  read(): ApiAccess {
    const context = this.named('contexts', 'context', this.config['current-context']);
    const cluster = this.named('clusters', 'cluster', context.cluster);
    const user = this.named('users', 'user', context.user);
    this.refuse(cluster, 'the cluster', ['proxy-url']);
    this.refuse(user, 'the user', FOREIGN);
    const servername = textOf(cluster['tls-server-name']);
    const namespace = textOf(context.namespace);
    return {
      server: this.serverOf(cluster),
      tls: {
        ...pick('ca', this.bytes(cluster, 'certificate-authority')), ...pick('cert', this.bytes(user, 'client-certificate')), ...pick('key', this.bytes(user, 'client-key')),
        ...pick('servername', servername), ...(cluster['insecure-skip-tls-verify'] === true ? { rejectUnauthorized: false } : {}),
      },
      token: this.tokenOf(user),
      ...pick('namespace', namespace),
    };
  }

  private named(list: string, field: string, name: unknown): Entry {
    const entries = Array.isArray(this.config[list]) ? this.config[list].map(readEntry) : [];
    const found = entries.find((entry) => entry.name === name);
    if (!found) throw new Error(`${this.path}: there is no ${field} ${JSON.stringify(name)} in ${list}`);
    return readEntry(found[field]);
  }

  private refuse(entry: Entry, what: string, fields: readonly string[]): void {
    const foreign = fields.find((field) => entry[field] !== undefined && entry[field] !== '');
    if (foreign) throw new Error(`${this.path}: ${what} has ${foreign}, which is not understood here: give a token, a tokenFile, or a client-certificate with its client-key`);
  }

  private serverOf(cluster: Entry): URL {
    const text = textOf(cluster.server);
    if (!text?.startsWith('https://')) throw new Error(`${this.path}: the server is ${JSON.stringify(text)}, expected https://HOST:PORT, for tokens and keys are sent there`);
    return new URL(text);
  }

  private tokenOf(user: Entry): ApiAccess['token'] {
    const file = textOf(user.tokenFile);
    const token = textOf(user.token);
    return file ? () => readFileSync(resolve(this.folder, file), 'utf8').trim() : () => token;
  }

  /** `…-data` stands before the file. */
  private bytes(entry: Entry, field: string): Buffer | undefined {
    const [data, file] = [textOf(entry[`${field}-data`]), textOf(entry[field])];
    if (data) return Buffer.from(data, 'base64');
    return file ? readFileSync(resolve(this.folder, file)) : undefined;
  }
}

function pick<K extends string, T>(key: K, value: T | undefined): { readonly [key in K]?: T } {
  return value === undefined ? {} : { [key]: value } as { readonly [key in K]: T };
}

function readEntry(value: unknown): Entry {
  return typeof value === 'object' && value !== null ? value as Entry : {};
}
