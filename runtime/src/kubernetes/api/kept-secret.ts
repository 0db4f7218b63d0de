import { ApiError, type KubernetesApi } from './client';
import { pathIn, textsOf, type ApiObject } from './object';

export interface SecretName {
  readonly namespace: string;
  readonly name: string;
  /** Of a Secret that is made. */
  readonly type: string;
}

const CONFLICT = 409;
const NOT_FOUND = 404;

/** One Secret that several processes read and write: whoever writes last has read what was there before, or writes nothing. */
export class KeptSecret {
  private last: ApiObject | undefined;

  constructor(private readonly api: KubernetesApi, private readonly where: SecretName) {}

  /** Entries by name; none where there is no Secret. */
  async read(): Promise<ReadonlyMap<string, string>> {
    this.last = await this.get();
    return textsOf(this.last);
  }

  /** Writes in the place of what was read. Has somebody else done so since, that stays. @returns what the Secret holds now */
  async write(entries: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, string>> {
    const data = Object.fromEntries([...entries].map(([name, text]) => [name, Buffer.from(text).toString('base64')]));
    try {
      this.last = this.last ? await this.replace({ ...this.last, data: { ...this.last.data, ...data } }) : await this.create(data);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === CONFLICT)) throw error;
      return this.read();
    }
    return textsOf(this.last);
  }

  private async get(): Promise<ApiObject | undefined> {
    const { namespace, name } = this.where;
    try {
      return await this.api.send<ApiObject>({ method: 'GET', path: pathIn(namespace, 'secrets', name) });
    } catch (error) {
      if (error instanceof ApiError && error.status === NOT_FOUND) return undefined;
      throw error;
    }
  }

  private create(data: ApiObject['data']): Promise<ApiObject> {
    const { namespace, name, type } = this.where;
    const body: ApiObject = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type, data: data ?? {} };
    return this.api.send({ method: 'POST', path: pathIn(namespace, 'secrets'), body });
  }

  /** The version that was read goes with it: the server refuses it where that is not the last one any more. */
  private replace(body: ApiObject): Promise<ApiObject> {
    return this.api.send({ method: 'PUT', path: pathIn(this.where.namespace, 'secrets', this.where.name), body });
  }
}
