import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const EXAMPLES = join(__dirname, '../../examples');
/** The complete output of one example, one object per file. */
export const COMPLETE = { example: 'bookinfo', folder: join(__dirname, '../goldens/bookinfo') };

export function exampleNames(): string[] {
  return readdirSync(EXAMPLES).filter((name) => existsSync(join(EXAMPLES, name, 'main.ts'))).sort();
}

/** What an example writes: its `main.ts` runs in this process, and its files go to a folder that is gone afterwards. */
export function synthesize(name: string, load: (main: string) => void = require): string {
  const outdir = mkdtempSync(join(tmpdir(), 'example-'));
  const before = process.env.CDK8S_OUTDIR;
  process.env.CDK8S_OUTDIR = outdir;
  try {
    load(join(EXAMPLES, name, 'main.ts'));
    return readdirSync(outdir).sort().map((file) => readFileSync(join(outdir, file), 'utf8')).join('---\n');
  } finally {
    if (before === undefined) delete process.env.CDK8S_OUTDIR;
    else process.env.CDK8S_OUTDIR = before;
    rmSync(outdir, { recursive: true });
  }
}

/** The objects of Istio and of the Gateway API, Ingresses and NetworkPolicies: what an example is about. */
export function meshObjects(manifest: string): string {
  return documents(manifest).filter((text) => /^apiVersion: "?([a-z]+\.istio\.io|(gateway\.)?networking\.k8s\.io)\//m.test(text)).join('---\n');
}

/** `deployment.reviews-v1.yaml` → its text. */
export function byObject(manifest: string): Map<string, string> {
  return new Map(documents(manifest).map((text) => {
    const kind = /^kind: (\w+)/m.exec(text)?.[1] ?? 'unknown';
    const name = /^metadata:\n(?: {2}.*\n)*? {2}name: (\S+)/m.exec(text)?.[1] ?? 'unknown';
    return [`${kind.toLowerCase()}.${name}.yaml`, text];
  }));
}

function documents(manifest: string): string[] {
  return manifest.split(/^---\n/m).filter((text) => text.trim());
}
