import { X509Certificate } from 'node:crypto';
import { Counter, Gauge, type Registry } from 'prom-client';

import type { SigningRefused } from './certificate-request';
import type { SigningMaterial } from './signing-material';

/** Metrics with istiod's names (security/pkg/server/ca/monitoring.go), so that its dashboards and alerts carry over. */
export class AuthorityMetrics {
  readonly requests: Counter;
  readonly authenticationFailures: Counter;
  readonly unreadable: Counter;
  readonly signed: Counter;
  private readonly refused: Counter<'error'>;
  private ends: { readonly root: number; readonly chain: number | undefined } | undefined;

  constructor(registry: Registry) {
    const registers = [registry];
    const counter = (name: string, help: string) => new Counter({ name: `citadel_server_${name}`, help, registers });
    this.requests = counter('csr_count', 'Certificate requests received');
    this.authenticationFailures = counter('authentication_failure_count', 'Requests whose sender is not known');
    this.unreadable = counter('csr_parsing_err_count', 'Requests that cannot be read, or ask for what their sender is not entitled to');
    this.signed = counter('success_cert_issuance_count', 'Certificates issued');
    this.refused = new Counter({ name: 'citadel_server_csr_sign_err_count', help: 'Requests that were not signed, by kind', labelNames: ['error'], registers });
    this.gauges(registers);
  }

  refuse({ kind }: SigningRefused): void {
    this.refused.inc({ error: kind });
    if (kind === 'CSR_ERROR') this.unreadable.inc();
  }

  /** What is signed with from now on. */
  signsWith({ roots, chain }: SigningMaterial): void {
    this.ends = { root: endOf(roots[0]!), chain: chain[0] === undefined ? undefined : endOf(chain[0]) };
  }

  private gauges(registers: Registry[]): void {
    const { read } = this;
    const gauge = (name: string, help: string, value: (end: number) => number, which: 'root' | 'chain') => new Gauge({
      name: `citadel_server_${name}`, help, registers,
      collect() {
        const end = read(which);
        if (end !== undefined) this.set(value(end));
        // Without a value it would be 0, which is an end long ago.
        else this.remove();
      },
    });
    for (const [which, name] of [['root', 'root_cert'], ['chain', 'cert_chain']] as const) {
      gauge(`${name}_expiry_timestamp`, 'Unix time at which it ends', (end) => end, which);
      gauge(`${name}_expiry_seconds`, 'Seconds until it ends; negative: since it ended', (end) => end - Date.now() / 1000, which);
    }
  }

  private readonly read = (which: 'root' | 'chain') => this.ends?.[which];
}

function endOf(pem: string): number {
  return Date.parse(new X509Certificate(pem).validTo) / 1000;
}
