import { ExternalService, Port, TlsRoute } from '../src';
import { createWorld } from './world';

describe('TlsRoute', () => {
  test('routes by the name of the server, and keeps the rest where it was', () => {
    // GIVEN
    const { mesh, spec } = createWorld();
    const wiki = new ExternalService(mesh, 'wiki', { host: '*.wikipedia.org', port: Port.tls(443) });
    const copy = new ExternalService(mesh, 'copy', { host: 'wiki.example.com', port: Port.tls(443) });

    // WHEN
    new TlsRoute(mesh, 'german', { service: wiki, serverNames: ['de.wikipedia.org'], to: [{ service: copy, weight: 90 }, { service: wiki, weight: 10 }] });

    // THEN
    expect(spec('VirtualService', 'wiki')).toEqual({
      hosts: ['*.wikipedia.org'],
      tls: [
        {
          match: [{ port: 443, sniHosts: ['de.wikipedia.org'] }],
          route: [{ destination: { host: 'wiki.example.com' }, weight: 90 }, { destination: { host: '*.wikipedia.org' }, weight: 10 }],
        },
        { match: [{ port: 443, sniHosts: ['*.wikipedia.org'] }], route: [{ destination: { host: '*.wikipedia.org' } }] },
      ],
    });
  });

  test.each([
    ['the service has another name', { serverNames: ['de.example.com'] }, 'wiki is not called "de.example.com" but *.wikipedia.org'],
    ['the port is not of TLS', { port: 80 }, 'wiki has no TLS port 80'],
  ])('fails when %s', (_when, props, message) => {
    const { mesh } = createWorld();
    const wiki = new ExternalService(mesh, 'wiki', { host: '*.wikipedia.org', port: Port.tls(443) });
    expect(() => new TlsRoute(mesh, 'route', { service: wiki, ...props })).toThrow(message);
  });
});
