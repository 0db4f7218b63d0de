import { X509Certificate } from 'node:crypto';

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

interface KnownRoot {
  readonly pem: string;
  /** When it may go; undefined while a source names it. */
  keepUntil: number | undefined;
}

/** The certificates of a text, each as PEM. What is not a certificate is left out. */
export function splitCertificates(text: string): string[] {
  return (text.match(PEM) ?? []).filter(isCertificate).map((pem) => `${pem}\n`);
}

/**
 * The roots by which peers are verified: those that the authority answers with, and those of the root file. A root that neither names any
 * more stays as long as certificates that it has signed may live: peers renew theirs one after the other.
 */
export class TrustBundle {
  private readonly roots = new Map<string, KnownRoot>();
  private readonly foreign = new Map<string, readonly string[]>();
  private readonly named = new Map<string, readonly string[]>();

  /** What a source names from now on. Nothing at all counts as a source that cannot be read: what it said stays. */
  public set(source: 'authority' | 'file', text: string, { now, overlapMs }: { readonly now: number; readonly overlapMs: number }): void {
    const pems = splitCertificates(text);
    if (pems.length === 0) return;
    this.named.set(source, pems.map(fingerprint));
    for (const pem of pems) this.roots.set(fingerprint(pem), { pem, keepUntil: undefined });
    const current = new Set([...this.named.values()].flat());
    for (const [print, root] of this.roots) {
      if (!current.has(print)) root.keepUntil ??= now + overlapMs;
    }
  }

  /** Roots of others. Whom the mesh does not trust any more is gone at once: nobody of its own has a certificate by them. */
  public setForeign(source: string, text: string): void {
    this.foreign.set(source, splitCertificates(text));
  }

  /** All that count now, as PEM, in a steady order. */
  public text(now: number): string {
    for (const [print, { keepUntil }] of this.roots) {
      if (keepUntil !== undefined && keepUntil <= now) this.roots.delete(print);
    }
    // Those of others alone would make everybody of the mesh a stranger.
    if (this.roots.size === 0) return '';
    const all = new Map([...this.foreign.values()].flat().map((pem): [string, string] => [fingerprint(pem), pem]));
    for (const [print, { pem }] of this.roots) all.set(print, pem);
    return [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pem]) => pem).join('');
  }

  /** When the next root goes. */
  public nextChange(): number | undefined {
    const ends = [...this.roots.values()].flatMap(({ keepUntil }) => (keepUntil === undefined ? [] : [keepUntil]));
    return ends.length > 0 ? Math.min(...ends) : undefined;
  }
}

function fingerprint(pem: string): string {
  return new X509Certificate(pem).fingerprint256;
}

function isCertificate(pem: string): boolean {
  try {
    return Boolean(new X509Certificate(pem));
  } catch {
    return false;
  }
}
