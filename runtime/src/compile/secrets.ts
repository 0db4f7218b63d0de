import type { SecretRef } from '../features/emitter';
import { secretResource } from '../features/secret-config';
import type { EncodedResource } from '../model/configuration';
import type { Mesh } from '../model/mesh';
import { InputCache } from './cache';
import type { Encoded } from './configuration';
import { byResourceName, encodeOne } from './configuration';
import { emitSecret } from './emit/secret';

const NONE: Encoded = new Map();

/** Certificates and authorities that proxies of a namespace ask for by name. */
export class SecretsCompiler {
  private readonly secrets = new InputCache<EncodedResource | undefined>();
  private readonly maps = new InputCache<Encoded>();

  public compile(refs: readonly SecretRef[], { secrets }: Mesh, namespace: string): Encoded {
    if (refs.length === 0) {
      return NONE;
    }
    const found = refs.flatMap((ref) => this.secrets.get(`${namespace} ${secretResource(ref)}`, [secrets, ref.secret, ref.part], () => {
      const secret = emitSecret(ref, namespace, secrets);
      return secret && encodeOne('secret', secret.name ?? '', secret);
    }) ?? []);
    return this.maps.get(namespace, found, () => byResourceName(found));
  }
}
