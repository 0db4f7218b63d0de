import { DirectResponse, Gateway, Path } from '../src';
import { createWorld, hostOf } from './world';

describe('DirectResponse', () => {
  test('answers what it matches, before the service is asked', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();

    // WHEN
    new DirectResponse(mesh, 'gone', {
      service: service('web'), match: { path: Path.prefix('/old') }, status: 410, body: '{"gone":true}', headers: { set: { 'content-type': 'application/json' } },
    });

    // THEN
    expect(spec('VirtualService', 'web').http).toEqual([
      {
        match: [{ uri: { prefix: '/old' } }],
        directResponse: { status: 410, body: { string: '{"gone":true}' } },
        headers: { response: { set: { 'content-type': 'application/json' } } },
      },
      { route: [{ destination: { host: hostOf('web') } }] },
    ]);
  });

  test('closes a service, at gateways too', () => {
    const { mesh, service, spec } = createWorld();
    const web = service('web');
    new Gateway(mesh, 'edge', { host: 'a.example.com' }).route(web);
    new DirectResponse(mesh, 'closed', { service: web, status: 503, body: new Uint8Array([1, 2]) });
    const http = [{ directResponse: { status: 503, body: { bytes: 'AQI=' } } }];
    expect([spec('VirtualService', 'edge').http, spec('VirtualService', 'web').http]).toEqual([http, http]);
  });

  test.each([
    ['the status is none', { status: 42 }, 'answer.status must be a whole number from 200 to 599, got 42'],
    ['the body is too long', { status: 200, body: 'x'.repeat(5000) }, 'answer.body has 5000 bytes, Envoy answers with at most 4096'],
  ])('fails when %s', (_when, props, message) => {
    const { mesh, service } = createWorld();
    expect(() => new DirectResponse(mesh, 'answer', { service: service('web'), ...props })).toThrow(message);
  });
});
