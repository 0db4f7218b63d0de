/** Another service of the application. */
export interface Service {
  /** `http://ratings:9080` */
  readonly url: string;
  /** How long one attempt may take, in milliseconds. */
  readonly timeoutMs: number;
  /** How often it is tried. @default 1 */
  readonly attempts?: number;
}

export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly status: number };

/** Gets JSON from a service. What goes wrong is part of the answer, never an exception. */
export async function get<T>(service: Service, path: string, headers: Record<string, string>): Promise<Reply<T>> {
  let status = 500;
  for (let attempt = 0; attempt < (service.attempts ?? 1); attempt++) {
    try {
      const response = await fetch(service.url + path, { headers, signal: AbortSignal.timeout(service.timeoutMs) });
      if (response.ok) return { ok: true, value: (await response.json()) as T };
      status = response.status;
      await response.body?.cancel();
    } catch (error) {
      console.error(`${service.url}${path}: ${(error as Error).cause ?? error}`);
    }
  }
  return { ok: false, status };
}

/** `http://HOST:PORT` of a service: by its name, unless the environment (`RATINGS_HOSTNAME`, `RATINGS_SERVICE_PORT`) says otherwise. */
export function serviceUrl(name: string): string {
  const prefix = name.toUpperCase();
  return `http://${process.env[`${prefix}_HOSTNAME`] ?? name}:${process.env[`${prefix}_SERVICE_PORT`] ?? 9080}`;
}
