import { isIP } from 'node:net';
import type { GatewaySpec } from '../../istio';
import { isHostName } from '../../model/host';
import { isHttp, isKnownProtocol, isTls, parseProtocol } from '../../model/protocol';
import type { Metadata } from '../../model/resource';
import { checkHost, isLabel, isSocket } from './names';
import { each, type Tell } from './tell';

type Server = NonNullable<GatewaySpec['servers']>[number];

export function checkGateway({ servers }: GatewaySpec, tell: Tell, { name }: Metadata): void {
  if (!isLabel(name)) tell('metadata.name', `'${name}' has a dot, which Istio refuses in the name of a Gateway`);
  const names = servers?.map(({ port }) => port.name);
  each(servers, 'spec.servers', (server, path, index) => {
    if (server.hosts.length === 0) tell(`${path}.hosts`, 'is empty, so the server is for nobody: write \'*\' for every host');
    each(server.hosts, `${path}.hosts`, (host, at) => checkServed(host, at, tell));
    if (!server.port.name) tell(`${path}.port.name`, 'is empty: Istio asks for a name, and for another one at each server');
    else if ((names ?? []).indexOf(server.port.name) < index) tell(`${path}.port.name`, `'${server.port.name}' is the name of a server before: Istio asks for another one at each`);
    checkBind(server, path, tell);
    checkProtocol(server, path, tell);
    checkTls(server.tls, `${path}.tls`, tell);
  });
}

/** `host`, or `namespace/host`. */
function checkServed(text: string, path: string, tell: Tell): void {
  const slash = text.indexOf('/');
  const [namespace, host] = slash < 0 ? [undefined, text] : [text.slice(0, slash), text.slice(slash + 1)];
  if (namespace !== undefined && !['*', '.', '~'].includes(namespace) && !isLabel(namespace)) {
    tell(path, `'${text}' begins with '${namespace}', which is no namespace: write one, '.' for the own or '*' for all`);
  }
  if (!isHostName(host.toLowerCase())) tell(path, `'${host}' is no host name, and no pattern such as *.example.com`);
  else if (host !== '*' && host !== 'localhost' && !host.includes('.') && isIP(host) === 0) tell(path, `'${host}' has no dot: Istio asks for whole names, such as ${host}.example.com`);
  else checkHost(host, path, tell);
}

function checkBind({ bind = '', port }: Server, path: string, tell: Tell): void {
  const socket = isSocket(bind);
  if (socket === false) tell(`${path}.bind`, `'${bind}' is the path of no file: write unix:///PATH`);
  if (socket !== undefined && port.number > 0) tell(`${path}.port.number`, `is ${port.number}, but a socket has no port: write 0`);
}

function checkProtocol({ port, tls }: Server, path: string, tell: Tell): void {
  if (!port.protocol || !isKnownProtocol(port.protocol)) {
    tell(`${path}.port.protocol`, `'${port.protocol}' is none of HTTP, HTTPS, HTTP2, GRPC, GRPC-Web, MONGO, REDIS, MYSQL, TCP and TLS: it is taken for TCP`);
    return;
  }
  const protocol = parseProtocol(port.protocol);
  if (!tls || isTls(protocol)) return;
  const redirectsOnly = isHttp(protocol) && [undefined, 'PASSTHROUGH', 'AUTO_PASSTHROUGH'].includes(tls.mode) && !tls.caCertificates && !tls.privateKey && !tls.serverCertificate;
  if (!redirectsOnly) tell(`${path}.tls`, `has no effect on a port of protocol ${port.protocol}, which is plain text: its protocol must be HTTPS or TLS`);
}

function checkTls(tls: Server['tls'], path: string, tell: Tell): void {
  const { mode = 'PASSTHROUGH', serverCertificate, privateKey, tlsCertificates = [], credentialName, credentialNames = [], caCertificates, caCrl } = tls ?? {};
  if (mode === 'SIMPLE' && caCrl) tell(`${path}.caCrl`, 'has no effect with mode SIMPLE, which asks clients for no certificate');
  if (tlsCertificates.length > 0 && serverCertificate && privateKey) tell(`${path}.tlsCertificates`, 'stands beside serverCertificate and privateKey: write all certificates into tlsCertificates');
  if (/PASSTHROUGH$/.test(mode) && (serverCertificate || privateKey || caCertificates || caCrl || credentialName || tlsCertificates.length + credentialNames.length > 0)) {
    tell(path, `has certificates, and with mode ${mode} the proxy looks at none: leave them out, or write mode: SIMPLE`);
  }
}
