import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestAuthority } from '../../src/local/test-authority';

/** Files that stand in for the certificates that cases name: Envoy loads them when it validates. */
export class TestCertificates {
  private folder?: string;

  /** The configuration with every certificate, key and authority replaced by a real one. */
  public async putInto(configuration: unknown): Promise<unknown> {
    return JSON.stringify(configuration).includes('"commonTlsContext"') ? this.replace(configuration, await this.files()) : configuration;
  }

  public remove(): void {
    if (this.folder) {
      rmSync(this.folder, { recursive: true });
    }
  }

  private async files(): Promise<Readonly<Record<string, { filename: string }>>> {
    this.folder ??= mkdtempSync(join(tmpdir(), 'certificates-'));
    const authority = new TestAuthority(this.folder);
    const { certificateFile, keyFile } = await authority.certificateFor('example.com');
    return {
      certificateChain: { filename: certificateFile },
      privateKey: { filename: keyFile },
      trustedCa: { filename: authority.caFile },
    };
  }

  private replace(value: unknown, files: Readonly<Record<string, unknown>>): unknown {
    if (Array.isArray(value)) {
      return value.map((item) => this.replace(item, files));
    }
    if (typeof value !== 'object' || value === null) {
      return value;
    }
    // Revocation lists, staples and pinned hashes belong to certificates that are not here.
    const entries = Object.entries(value).filter(([field]) => field !== 'crl' && field !== 'ocspStaple');
    return Object.fromEntries(entries.map(([field, inner]) => [field, files[field] ?? this.replace(inner, files)]));
  }
}
