import type { GatewaySpec, GatewaySpecListeners, GatewaySpecListenersTls } from '../../imports/gateway-api/gateway.types';
import type { IConstruct } from 'constructs';
import { MeshError } from '../mesh-error';
import type { GatewayProps } from '../gateway-props';
import type { Tls } from '../tls';
import type { Listener } from './gateway-listeners';
import { topologyAnnotation } from './gateway-workload';
import { defined } from './merge';
import { hostAsName } from './names';

/** A listener of the Gateway API, which has one host, with the listener of ours that it is a part of. */
export interface Section {
  readonly name: string;
  readonly host: string;
  readonly listener: Listener;
}

/** Each host of each listener on its own. */
export function sectionsOf(listeners: readonly Listener[]): Section[] {
  return listeners.flatMap((listener) => listener.hosts.map((host) => ({
    name: listener.hosts.length === 1 ? listener.name : `${listener.name}-${host === '*' ? 'wildcard' : hostAsName(host)}`, host, listener,
  })));
}

/** The spec of a Gateway of the Gateway API. */
export function kubernetesGatewaySpec(construct: IConstruct, listeners: readonly Listener[], props: GatewayProps & { readonly parameters?: string }): GatewaySpec {
  const config = topologyAnnotation(props);
  const annotations = { ...props.serviceAnnotations, ...(config && { 'proxy.istio.io/config': config }) };
  const infrastructure = defined({
    annotations: Object.keys(annotations).length > 0 ? annotations : undefined,
    parametersRef: props.parameters === undefined ? undefined : { group: '', kind: 'ConfigMap', name: props.parameters },
  });
  return defined({
    gatewayClassName: props.gatewayClass ?? 'istio',
    infrastructure: Object.keys(infrastructure).length > 0 ? infrastructure : undefined,
    listeners: sectionsOf(listeners).map((section) => renderListener(section, construct)),
  });
}

/** HTTP/2 and gRPC come on a listener for HTTP, MongoDB on one for TCP. */
const PROTOCOLS: Readonly<Record<Listener['protocol'], string>> = {
  HTTP: 'HTTP', HTTP2: 'HTTP', GRPC: 'HTTP', HTTPS: 'HTTPS', TLS: 'TLS', TCP: 'TCP', MONGO: 'TCP',
};

function renderListener({ name, host, listener: { number, protocol, tls } }: Section, construct: IConstruct): GatewaySpecListeners {
  return defined({
    name, port: number, protocol: PROTOCOLS[protocol], hostname: host === '*' || PROTOCOLS[protocol] === 'TCP' ? undefined : host, tls: tls && renderTls(tls, construct),
  });
}

/** What Istio reads from the Gateway API of its TLS settings: Secrets, mutual TLS and ciphers by its own options. */
function renderTls(tls: Tls, construct: IConstruct): GatewaySpecListenersTls {
  const { mode, secrets, options: { cipherSuites, ...others } } = tls;
  if (mode === 'PASSTHROUGH') {
    return { mode: 'Passthrough' };
  }
  const unknown = Object.keys(defined(others))[0];
  if (unknown !== undefined) {
    throw inexpressible(construct, `\`tls.${unknown}\``, 'take it away, or leave `api` out: Istio\'s Gateway has it');
  }
  if (mode === 'AUTO_PASSTHROUGH' || (secrets.length === 0 && mode !== 'ISTIO_MUTUAL')) {
    throw inexpressible(construct, mode === 'AUTO_PASSTHROUGH' ? 'AUTO_PASSTHROUGH' : 'certificates that are files', 'put the certificate into a Secret, or leave `api` out');
  }
  const own = defined({
    'gateway.istio.io/tls-terminate-mode': mode === 'SIMPLE' ? undefined : mode,
    'gateway.istio.io/tls-cipher-suites': cipherSuites?.join(','),
  });
  return defined({
    mode: 'Terminate' as const,
    certificateRefs: secrets.length > 0 ? secrets.map((name) => ({ kind: 'Secret', name })) : undefined,
    options: Object.keys(own).length > 0 ? own as Record<string, string> : undefined,
  });
}

/** What the deployment controller is told about pods and Service: strategic merge patches in a ConfigMap. */
export function deploymentParameters({ replicas, nodePorts }: GatewayProps): Readonly<Record<string, string>> | undefined {
  const ports = Object.entries(nodePorts ?? {}).map(([port, nodePort]) => ({ port: Number(port), nodePort }));
  const parameters = defined({
    deployment: replicas === undefined ? undefined : JSON.stringify({ spec: { replicas } }),
    service: ports.length === 0 ? undefined : JSON.stringify({ spec: { ports } }),
  });
  return Object.keys(parameters).length > 0 ? parameters as Record<string, string> : undefined;
}

/** What the Gateway API cannot say. */
export function inexpressible(construct: IConstruct, what: string, fix: string): MeshError {
  return new MeshError({ construct, code: 'inexpressible-feature', problem: `the Gateway API cannot express ${what}`, fix });
}
