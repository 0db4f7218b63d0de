import type { IConstruct } from 'constructs';
import type { AccessCaller } from '../access-rule';
import type { IGateway } from '../mesh-member';
import { principalOf, type Account } from './accounts';
import { checkReference } from './callers';
import { MeshSettings } from './mesh-settings';

/** The identities of callers, as policies name them. */
export function principalsOf(callers: readonly AccessCaller[], construct: IConstruct): string[] {
  const { trustDomain } = MeshSettings.of(construct);
  return [...new Set(callers.flatMap((caller) => accountsOf(caller, construct)).map((account) => principalOf(account, trustDomain)))];
}

function accountsOf(caller: AccessCaller, construct: IConstruct): readonly Account[] {
  if (isGateway(caller)) {
    return [caller.accountFor(construct)];
  }
  checkReference(caller, '`from`', construct);
  const { service, version } = 'service' in caller ? caller : { service: caller, version: undefined };
  return service.accounts.of(version, construct);
}

/** Whether a caller is a gateway; gateways themselves need to know, so their class is not asked for. */
export function isGateway(caller: AccessCaller | undefined): caller is IGateway {
  return typeof caller === 'object' && caller !== null && 'accountFor' in caller;
}
