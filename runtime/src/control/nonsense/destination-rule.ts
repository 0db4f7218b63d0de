import type { DestinationRuleSpec, DestinationRuleSpecTrafficPolicy } from '../../istio';
import { each, isEmpty, type Tell } from './tell';

type PortPolicy = NonNullable<DestinationRuleSpecTrafficPolicy['portLevelSettings']>[number];

export function checkDestinationRule({ trafficPolicy, subsets, exportTo, workloadSelector }: DestinationRuleSpec, tell: Tell): void {
  if (exportTo && exportTo.length > 1 && exportTo.includes('*')) {
    tell('spec.exportTo', 'has * beside others, which it holds already: write * alone, or leave it out');
  }
  const beyond = exportTo?.find((one) => one !== '.');
  if (workloadSelector && beyond !== undefined) {
    tell('spec.exportTo', `has '${beyond}', but a rule with a workloadSelector is for callers of its own namespace only: write '.'`);
  }
  checkPolicy(trafficPolicy, 'spec.trafficPolicy', tell);
  each(subsets, 'spec.subsets', ({ trafficPolicy: own }, path) => checkPolicy(own, `${path}.trafficPolicy`, tell));
}

function checkPolicy(policy: DestinationRuleSpecTrafficPolicy | undefined, path: string, tell: Tell): void {
  if (!policy) return;
  if (isEmpty(policy)) tell(path, 'is empty, so it changes nothing: leave it out');
  if (policy.tunnel && policy.proxyProtocol) tell(path, 'has tunnel and proxyProtocol, of which a connection can have one only');
  checkSettings(policy, path, tell);
  each(policy.portLevelSettings, `${path}.portLevelSettings`, (settings, at) => {
    const { port, ...rest } = settings;
    if (!port?.number) tell(`${at}.port.number`, 'is required: it says for which port of the service the settings are');
    if (isEmpty(rest)) tell(at, 'has settings for nothing: what is not written for the port has its default, whatever the rule says elsewhere');
    checkSettings(settings, at, tell);
  });
}

function checkSettings({ connectionPool: pool, tls }: Pick<PortPolicy, 'connectionPool' | 'tls'>, path: string, tell: Tell): void {
  if (pool && isEmpty(pool)) tell(`${path}.connectionPool`, 'is empty, so it changes nothing: leave it out');
  if (pool?.http?.useClientProtocol && pool.http.h2UpgradePolicy === 'UPGRADE') {
    tell(`${path}.connectionPool.http.useClientProtocol`, 'is true beside h2UpgradePolicy: UPGRADE: either the client chooses the protocol, or it is HTTP/2');
  }
  const { credentialName, clientCertificate, privateKey, caCertificates, caCrl } = tls ?? {};
  if (credentialName && (clientCertificate || privateKey || caCertificates || caCrl)) {
    tell(`${path}.tls`, 'has credentialName, so its files do not count: leave them out, or name no Secret');
  }
}
