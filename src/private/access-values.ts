import { isIP } from 'node:net';
import { invalid } from './invalid-value';

/** An address, or a range of them. */
export function checkRange(range: string): string {
  const [address, prefix, ...rest] = String(range).split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || (prefix !== undefined && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128)))) {
    throw invalid(undefined, `"${range}" is no address and no range of addresses`, 'write "10.1.2.3" or "10.1.0.0/16"');
  }
  return range;
}

/** An identity as policies name it, which never begins with `spiffe://`. A star may stand at one end. */
export function checkPrincipal(principal: string): string {
  const text = String(principal);
  if (text.startsWith('spiffe://')) {
    throw invalid(undefined, `principal "${text}" begins with spiffe://, which policies leave out`, `write "${text.slice('spiffe://'.length)}"`);
  }
  const form = text.startsWith('*') || text.endsWith('*') ? /^\*?[^*]*\*?$/ : /^[^/*]+\/ns\/[^/*]+\/sa\/[^/*]+$/;
  if (!form.test(text) || (text.length > 1 && text.startsWith('*') && text.endsWith('*'))) {
    throw invalid(undefined, `"${text}" is no principal`, 'write "cluster.local/ns/NAMESPACE/sa/ACCOUNT", perhaps with * at one end; better, give the service itself');
  }
  return text;
}

/** `NAMESPACE/ACCOUNT`, or an account of the policy's own namespace. */
export function checkAccountReference(account: string): string {
  if (!/^([a-z0-9-]+\/)?[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(String(account))) {
    throw invalid(undefined, `"${account}" is no service account`, 'write "NAMESPACE/ACCOUNT", or "ACCOUNT" for one of the policy\'s own namespace');
  }
  return account;
}
