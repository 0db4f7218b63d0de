import { parseArgs } from 'node:util';

/** The words of `mesh agent`, as `src/sidecar.ts` writes them. */
export interface AgentArguments {
  readonly type: 'sidecar' | 'router';
  readonly domain?: string;
  readonly logLevel: string;
  readonly componentLogLevel: string;
  /** Folder for Envoy's files. */
  readonly configPath: string;
}

/** Unknown flags are let pass, as the manifests of another version may have some; undefined without `sidecar` or `router`. */
export function readAgentArguments(argv: readonly string[]): AgentArguments | undefined {
  const { values, positionals } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    options: {
      domain: { type: 'string' },
      proxyLogLevel: { type: 'string', default: 'warning' },
      proxyComponentLogLevel: { type: 'string', default: 'misc:error' },
      configPath: { type: 'string', default: '/etc/istio/proxy' },
    },
  });
  const [type] = positionals;
  if (type !== 'sidecar' && type !== 'router') return undefined;
  return {
    type,
    ...(typeof values.domain === 'string' ? { domain: values.domain } : {}),
    logLevel: String(values.proxyLogLevel),
    componentLogLevel: String(values.proxyComponentLogLevel),
    configPath: String(values.configPath),
  };
}

/** `istiod.istio-system.svc:15010`; undefined where it is no host and port. */
export function parseDiscoveryAddress(text: unknown): { readonly host: string; readonly port: number } | undefined {
  const match = /^([a-z0-9.-]+):(\d{1,5})$/i.exec(typeof text === 'string' ? text : '');
  return match ? { host: match[1] as string, port: Number(match[2]) } : undefined;
}

/** `5s`, `1m30s`, `250ms` in milliseconds, as Go writes durations; undefined for anything else. */
export function parseDuration(text: unknown): number | undefined {
  if (typeof text !== 'string' || !/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce((sum, [, value, unit]) => sum + Number(value) * (units[unit as string] as number), 0);
}
