import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Copies of a workload's secrets for its application, as Istio's agent names them. */
export interface OutputFiles {
  /** PEM. */
  readonly 'cert-chain.pem'?: string;
  /** PEM. */
  readonly 'key.pem'?: string;
  /** PEM. */
  readonly 'root-cert.pem'?: string;
}

/**
 * Writes what has changed (OUTPUT_CERTS). Each file is replaced in one step: a reader sees the old or the new one, whole. The key comes
 * before the certificate, as with Istio.
 *
 * @param mode 0600; in Kubernetes Istio gives 0644, because the containers of a pod may run as other users than the proxy
 */
export function writeOutputFiles(folder: string, files: OutputFiles, mode: number): void {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  for (const name of ['key.pem', 'cert-chain.pem', 'root-cert.pem'] as const) {
    const text = files[name];
    if (text !== undefined && text !== contentOf(join(folder, name))) replaceFile(join(folder, name), text, mode);
  }
}

function replaceFile(path: string, text: string, mode: number): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode });
  renameSync(temporary, path);
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
