import type { DestinationRuleSpec, DestinationRuleSpecTrafficPolicy } from '../../istio';
import type { Metadata } from '../../model/resource';
import { checkPool } from './connection-pool';
import { checkExportTo, checkSelected, checkTarget } from './names';
import { each, isEmpty, type Tell } from './tell';

type PortPolicy = NonNullable<DestinationRuleSpecTrafficPolicy['portLevelSettings']>[number];
type LoadBalancer = NonNullable<PortPolicy['loadBalancer']>;

export function checkDestinationRule(spec: DestinationRuleSpec, tell: Tell, { namespace }: Metadata): void {
  const { trafficPolicy, subsets, exportTo, workloadSelector } = spec;
  checkExportTo(exportTo, { namespace, forNobody: false }, tell);
  const beyond = exportTo?.find((one) => one !== '.' && one !== namespace);
  if (workloadSelector && beyond !== undefined) {
    tell('spec.exportTo', `has '${beyond}', but a rule with a workloadSelector is for callers of its own namespace only: write '.'`);
  }
  if (workloadSelector) checkSelected(workloadSelector.matchLabels, 'spec.workloadSelector.matchLabels', tell);
  checkPolicy(trafficPolicy, 'spec.trafficPolicy', tell);
  each(subsets, 'spec.subsets', ({ trafficPolicy: own }, path) => checkPolicy(own, `${path}.trafficPolicy`, tell));
}

function checkPolicy(policy: DestinationRuleSpecTrafficPolicy | undefined, path: string, tell: Tell): void {
  if (!policy) return;
  if (isEmpty(policy)) tell(path, 'is empty, so it changes nothing: leave it out');
  if (policy.tunnel && policy.proxyProtocol) tell(path, 'has tunnel and proxyProtocol, of which a connection can have one only');
  if (policy.tunnel?.targetHost) checkTarget(policy.tunnel.targetHost, `${path}.tunnel.targetHost`, tell);
  checkSettings(policy, path, tell);
  each(policy.portLevelSettings, `${path}.portLevelSettings`, (settings, at) => {
    const { port, ...rest } = settings;
    if (!port?.number) tell(`${at}.port.number`, 'is required: it says for which port of the service the settings are');
    if (isEmpty(rest)) tell(at, 'has settings for nothing: what is not written for the port has its default, whatever the rule says elsewhere');
    checkSettings(settings, at, tell);
  });
}

function checkSettings({ connectionPool, tls, loadBalancer, outlierDetection }: PortPolicy, path: string, tell: Tell): void {
  checkPool(connectionPool, `${path}.connectionPool`, tell);
  checkBalancer(loadBalancer, `${path}.loadBalancer`, tell);
  if (outlierDetection?.consecutiveLocalOriginFailures && !outlierDetection.splitExternalLocalOriginErrors) {
    tell(`${path}.outlierDetection.consecutiveLocalOriginFailures`, 'counts what splitExternalLocalOriginErrors counts apart, so it has no effect without it: write splitExternalLocalOriginErrors: true');
  }
  checkTls(tls, `${path}.tls`, tell);
}

function checkTls(tls: PortPolicy['tls'], path: string, tell: Tell): void {
  const { mode, credentialName, clientCertificate, privateKey, caCertificates, caCrl, subjectAltNames, insecureSkipVerify } = tls ?? {};
  if (credentialName && (clientCertificate || privateKey || caCertificates || caCrl)) {
    tell(path, 'has credentialName, so its files do not count: leave them out, or name no Secret');
  }
  const trusted = Object.entries({ caCertificates, subjectAltNames, ...(mode === 'SIMPLE' && { credentialName }) }).find(([, value]) => value !== undefined && value !== '');
  if (insecureSkipVerify && (mode === 'SIMPLE' || mode === 'MUTUAL') && trusted) {
    tell(`${path}.insecureSkipVerify`, `is true, so that nobody looks at the server's certificate, and ${trusted[0]} says what it must be: leave one of them out`);
  }
}

/** What Maglev's table may hold, as Envoy says: a prime number. */
function checkBalancer(balancer: LoadBalancer | undefined, path: string, tell: Tell): void {
  const { consistentHash: hash, warmup } = balancer ?? {};
  const at = `${path}.consistentHash`;
  const names = (hash?.httpCookie?.attributes ?? []).map(({ name }) => name);
  names.forEach((name, i) => {
    if (!name) tell(`${at}.httpCookie.attributes[${i}].name`, 'is empty: what is the attribute called?');
    else if (names.indexOf(name) < i) tell(`${at}.httpCookie.attributes[${i}].name`, `'${name}' stands before: a cookie has an attribute once`);
  });
  if (hash?.minimumRingSize && (hash.ringHash || hash.maglev)) tell(`${at}.minimumRingSize`, 'stands beside ringHash or maglev, which have sizes of their own: leave it out');
  if (hash?.maglev && !hash.maglev.tableSize) tell(`${at}.maglev.tableSize`, 'is missing, and Istio asks for it: 65537 is what Envoy takes for itself');
  if (warmup?.aggression !== undefined && warmup.aggression <= 0) tell(`${path}.warmup.aggression`, `is ${warmup.aggression}, but must be greater than 0`);
}
