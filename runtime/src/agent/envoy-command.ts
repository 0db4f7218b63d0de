export interface EnvoyCommandOptions {
  /** The Envoy binary. */
  readonly envoy: string;
  readonly bootstrapFile: string;
  /** Worker threads; 0: one for each core. @default 2 */
  readonly concurrency?: number;
  /** @default 'warning' */
  readonly logLevel?: string;
  /** `name:level,…`. @default 'misc:error' */
  readonly componentLogLevel?: string;
  /** How long connections of a listener that goes may last. @default 45, as in Istio */
  readonly drainSeconds?: number;
  /** How long lines of access logs may wait before they are written. @default 1000, as in Istio */
  readonly logFlushMs?: number;
}

/** Envoy's command line, with what Istio's agent would say. */
export function envoyCommand(options: EnvoyCommandOptions): string[] {
  const { envoy, bootstrapFile, concurrency = 2, logLevel = 'warning', componentLogLevel = 'misc:error', drainSeconds = 45, logFlushMs = 1_000 } = options;
  return [
    envoy,
    '--config-path', bootstrapFile,
    '--drain-time-s', String(drainSeconds),
    '--drain-strategy', 'immediate',
    '--local-address-ip-version', 'v4',
    '--file-flush-interval-msec', String(logFlushMs),
    '--disable-hot-restart',
    '--log-level', logLevel,
    ...(componentLogLevel === '' ? [] : ['--component-log-level', componentLogLevel]),
    ...(concurrency > 0 ? ['--concurrency', String(concurrency)] : []),
  ];
}
