import type { Schema } from '../../../imports/checks/schema';
import type { Resource } from '../../src/model/resource';
import type { Random } from './random';
import { replaceAt, spotsOf } from './spot';
import type { Keys, Spot } from './spot';

const TEXTS: readonly string[] = [
  '', ' ', '*', '*.example.com', '*.com', 'a', 'web', 'web.default.svc.cluster.local', '.', './*', '*/*', '~/*', 'x/y', '-a', 'a..b', 'UPPER', 'ä.example', 'a b', 'a,b',
  '0.0.0.0', '127.0.0.1', '10.0.0.1/24', '10.0.0.0/8', '::1', '::/0', '300.1.1.1', '1.1.1.1/64', 'unix:///run/x.sock', '0s', '1ns', '1ms', '10s', '-1s', '1h', '1000000h', '3', '1.5s',
  '%', '%REQ(x)%', '%%', '(', '[a-z]+', '(?=a)', '(a|b)*', '.*', '\\d', ':method', ':authority', 'host', 'Host', 'content-length', '__proto__', 'constructor', 'toString',
  'v1', 'x'.repeat(300), '\u0000', '\n', 'HTTP', 'HTTPS', 'TLS', 'TCP', 'GRPC', 'HTTP2', 'MONGO', 'UDP', 'http-x', 'true', 'null', '5xx', 'retriable-4xx,503', '/', '//', '/a/b?c=d#e',
  'https://a.example/x', 'ClusterIP', 'None', 'ExternalName', 'NodePort', 'Prefix', 'Exact', '80', '80,443', '*,-', 'kubernetes.io/tls', 'STRICT', 'MUTUAL', 'REGISTRY_ONLY',
];
/** Keys of maps that mean something to us. */
const KEYS: readonly string[] = [
  'app', 'version', 'istio', 'a', '80', '9080', '0', '70000', 'http', 'tls.crt', 'tls.key', 'ca.crt', 'mesh', 'networking.istio.io/exportTo', 'istio-injection', 'sidecar.istio.io/inject',
  'topology.kubernetes.io/zone', 'topology.istio.io/network', 'traffic.sidecar.istio.io/includeInboundPorts', 'traffic.sidecar.istio.io/excludeOutboundPorts',
  'traffic.sidecar.istio.io/excludeInboundPorts', 'traffic.sidecar.istio.io/includeOutboundIPRanges', 'traffic.sidecar.istio.io/excludeOutboundIPRanges', 'proxy.istio.io/config',
  'kubernetes.io/ingress.class', 'networking.istio.io/traffic-distribution', 'x-envoy', '__proto__', '',
];
const NUMBERS: readonly number[] = [
  0, 1, -1, 2, 50, 80, 99, 100, 101, 200, 301, 404, 503, 599, 600, 1023, 9080, 15001, 15006, 65535, 65536,
  2 ** 31 - 1, 2 ** 31, 2 ** 32, 1e21, 0.5, 1e-9,
];
const OTHERS: readonly unknown[] = [null, true, false, {}, [], [null], { a: 1 }, 'text', 7];

/** Changes objects by chance: the same seed and the same words make the same mutants. */
export class Mutator {
  public constructor(private readonly random: Random, private readonly words: readonly string[]) {}

  /** The object with one to three changes. It may be refused afterwards, but must never break anything. */
  public mutate(object: Resource, schema: Schema): Resource {
    let mutant: unknown = object;
    for (let i = this.random.below(3); i >= 0; i--) {
      const spots = spotsOf(mutant, schema);
      mutant = spots.length === 0 || this.random.below(10) === 0 ? this.addField(mutant, [], schema) : this.change(mutant, this.random.pick(spots));
    }
    return mutant as Resource;
  }

  private change(object: unknown, { keys, value, schema }: Spot): unknown {
    switch (this.random.below(8)) {
      case 0:
        return replaceAt(object, keys, undefined);
      case 1:
        return replaceAt(object, keys, this.random.pick(OTHERS));
      case 2:
        return replaceAt(object, keys, Array.isArray(value) && value.length > 0 ? [...value, this.random.pick(value)] : this.likely(schema, value));
      case 3:
        return this.addField(object, keys, schema);
      default:
        return replaceAt(object, keys, this.likely(schema, value));
    }
  }

  private addField(object: unknown, keys: Keys, schema: Schema | undefined): unknown {
    const field = schema?.fields && this.random.pick(Object.keys(schema.fields));
    return field === undefined ? object : replaceAt(object, [...keys, field], this.likely(schema?.fields?.[field], undefined));
  }

  /** A value of the right type, mostly. */
  private likely(schema: Schema | undefined, value: unknown): unknown {
    const { random } = this;
    if (schema?.enum && random.below(4) > 0) {
      return random.pick(schema.enum);
    }
    switch (schema?.type ?? typeof value) {
      case 'string':
        return this.text(value);
      case 'integer':
      case 'number':
        return random.pick(NUMBERS);
      case 'int-or-string':
        return random.below(2) > 0 ? this.text(value) : random.pick(NUMBERS);
      case 'boolean':
        return random.below(2) > 0;
      case 'array':
        return Array.from({ length: random.below(3) }, () => this.likely(schema?.items, undefined));
      case 'map':
        return { ...(value as object | undefined), [random.below(3) > 0 ? random.pick(KEYS) : random.pick(TEXTS)]: this.likely(schema?.values, undefined) };
      case 'object': {
        const fields = Object.entries(schema?.fields ?? {}).filter(() => random.below(3) === 0);
        return Object.fromEntries(fields.map(([name, inner]) => [name, this.likely(inner, undefined)]));
      }
      default:
        return random.pick(OTHERS);
    }
  }

  /** Another text, one of its neighbours', or the same with a slip of the pen. */
  private text(value: unknown): string {
    const { random, words } = this;
    switch (random.below(4)) {
      case 0:
        return words.length > 0 ? random.pick(words) : '';
      case 1:
        return typeof value === 'string' ? slip(value, random.below(value.length + 1), random.pick(TEXTS)) : random.pick(TEXTS);
      default:
        return random.pick(TEXTS);
    }
  }
}

function slip(text: string, at: number, other: string): string {
  return other.length > 3 ? text.slice(0, at) + text.slice(at + 1) : text.slice(0, at) + other + text.slice(at);
}
