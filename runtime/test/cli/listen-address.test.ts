import { checkXdsAddress, readListenAddress } from '../../src/cli/listen-address';

test.each([
  ['127.0.0.1:15010', { host: '127.0.0.1', port: 15010 }],
  ['localhost:0', { host: 'localhost', port: 0 }],
  ['[::1]:15010', { host: '::1', port: 15010 }],
  ['0.0.0.0:65535', { host: '0.0.0.0', port: 65535 }],
])('%s is an address', (text, address) => {
  expect(readListenAddress('--status', text)).toEqual(address);
});

test.each(['foo', '127.0.0.1:99999', '127.0.0.1:abc', ':15010', '127.0.0.1:', '::1:80:x', 'fe80::zz:80', ''])('"%s" is none', (text) => {
  expect(() => readListenAddress('--status', text)).toThrow(`--status ${text}: expected HOST:PORT with a port of 0 to 65535, such as 127.0.0.1:15010`);
});

test('xDS is served at sockets too', () => {
  expect(() => checkXdsAddress('--listen', 'unix:/run/xds')).not.toThrow();
  expect(() => checkXdsAddress('--listen', 'unix:')).toThrow('--listen unix:: expected unix:PATH');
  expect(() => checkXdsAddress('--listen', 'xds')).toThrow('--listen xds: expected HOST:PORT');
});
