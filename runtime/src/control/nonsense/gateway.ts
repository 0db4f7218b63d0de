import type { GatewaySpec } from '../../istio';
import { isHostName } from '../../model/host';
import { isHttp, isKnownProtocol, isTls, parseProtocol } from '../../model/protocol';
import { each, type Tell } from './tell';

type Server = NonNullable<GatewaySpec['servers']>[number];

export function checkGateway({ servers }: GatewaySpec, tell: Tell): void {
  each(servers, 'spec.servers', (server, path) => {
    if (server.hosts.length === 0) tell(`${path}.hosts`, 'is empty, so the server is for nobody: write \'*\' for every host');
    each(server.hosts, `${path}.hosts`, (host, at) => {
      if (!isHostName(host.slice(host.indexOf('/') + 1).toLowerCase())) tell(at, `'${host}' is no host name, and no pattern such as *.example.com`);
    });
    checkProtocol(server, path, tell);
  });
}

function checkProtocol({ port, tls }: Server, path: string, tell: Tell): void {
  if (!isKnownProtocol(port.protocol)) {
    tell(`${path}.port.protocol`, `'${port.protocol}' is none of HTTP, HTTPS, HTTP2, GRPC, GRPC-Web, MONGO, REDIS, MYSQL, TCP and TLS: it is taken for TCP`);
    return;
  }
  const protocol = parseProtocol(port.protocol);
  if (!tls || isTls(protocol)) return;
  const redirectsOnly = isHttp(protocol) && [undefined, 'PASSTHROUGH', 'AUTO_PASSTHROUGH'].includes(tls.mode) && !tls.caCertificates && !tls.privateKey && !tls.serverCertificate;
  if (!redirectsOnly) tell(`${path}.tls`, `has no effect on a port of protocol ${port.protocol}, which is plain text: its protocol must be HTTPS or TLS`);
}
