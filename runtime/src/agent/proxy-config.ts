import { JSON_SCHEMA, load } from 'js-yaml';
import { recordOf } from '../model/parsed-value';

type Fields = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

const ANNOTATION = 'proxy.istio.io/config';

/** What the proxy is started with: `PROXY_CONFIG`, and over it the pod's annotation. What cannot be read counts as empty. */
export function readProxyConfig(env: Environment, annotations: Readonly<Record<string, string>>): Fields {
  const base = parse(env.PROXY_CONFIG);
  const own = parse(annotations[ANNOTATION]);
  const proxyMetadata = { ...recordOf(base.proxyMetadata), ...recordOf(own.proxyMetadata) };
  return { ...base, ...own, ...(Object.keys(proxyMetadata).length > 0 ? { proxyMetadata } : {}) };
}

/** JSON is YAML. */
function parse(text: string | undefined): Fields {
  try {
    return recordOf(load(text ?? '{}', { schema: JSON_SCHEMA }));
  } catch {
    return {};
  }
}

/** Its `proxyMetadata` counts as environment of the proxy, below what the container itself has. */
export function withProxyMetadata(env: Environment, config: Fields): Environment {
  return { ...Object.fromEntries(Object.entries(recordOf(config.proxyMetadata)).map(([name, value]) => [name, String(value)])), ...env };
}
