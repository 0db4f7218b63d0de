import { isHttp, listenerProtocol, portProtocol } from '../../src/model/protocol';

test.each([
  [{ number: 80, name: 'http' }, 'HTTP'],
  [{ number: 80, name: 'http-web' }, 'HTTP'],
  [{ number: 80, name: 'http2-web' }, 'HTTP2'],
  [{ number: 80, name: 'grpc-web-api' }, 'GRPC-Web'],
  [{ number: 80, name: 'grpc-api' }, 'GRPC'],
  [{ number: 80, name: 'web', appProtocol: 'https' }, 'HTTPS'],
  [{ number: 80, name: 'http', appProtocol: 'tcp' }, 'TCP'],
  [{ number: 80, appProtocol: 'kubernetes.io/h2c' }, 'HTTP2'],
  [{ number: 80, appProtocol: 'kubernetes.io/ws' }, 'HTTP'],
  [{ number: 80, appProtocol: 'kubernetes.io/wss' }, 'HTTPS'],
  [{ number: 80, name: 'MONGO-main' }, 'Mongo'],
  [{ number: 80, name: 'redis' }, 'Redis'],
  [{ number: 80, name: 'tls-x' }, 'TLS'],
  [{ number: 80, name: 'http2foo' }, 'Auto'],
  [{ number: 80, name: 'http', appProtocol: 'example.com/own' }, 'Auto'],
  [{ number: 80, name: 'web' }, 'Auto'],
  [{ number: 3306, name: 'db' }, 'TCP'],
  [{ number: 53, name: 'http', transport: 'UDP' }, 'UDP'],
  [{ number: 80, name: 'constructor' }, 'Auto'],
])('a port %j speaks %s', (port, expected) => {
  expect(portProtocol(port)).toBe(expected);
});

test('TLS is opaque to a listener, and gRPC is HTTP', () => {
  expect(listenerProtocol('HTTPS')).toBe('TCP');
  expect(listenerProtocol('GRPC')).toBe('HTTP');
  expect(listenerProtocol('UDP')).toBe('none');
  expect(isHttp('Auto')).toBe(false);
});
