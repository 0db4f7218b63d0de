import { MeshError, MeshService, type Capture } from '../src';
import { createWorld, type Printed } from './world';

const traffic = ({ spec }: Printed) => Object.fromEntries(Object.entries(spec.template.metadata.annotations as Record<string, string>)
  .filter(([name]) => name.startsWith('traffic.sidecar.istio.io/')).map(([name, value]) => [name.slice(25), value]));

describe('Capture', () => {
  test('is what the mesh says, field by field unless a service says otherwise', () => {
    // GIVEN
    const { mesh, one } = createWorld({ capture: { includeOutboundIpRanges: ['10.96.0.0/12', 'fd00::/8'], excludeOutboundPorts: [5432], includeInboundPorts: '*' } });

    // WHEN
    new MeshService(mesh, 'a', { port: 80, versions: { v1: { image: 'a' } } });
    new MeshService(mesh, 'b', {
      port: 80, versions: { v1: { image: 'b' } },
      capture: { excludeOutboundPorts: [], excludeOutboundIpRanges: ['10.1.2.3/32'], includeOutboundPorts: [80], includeInboundPorts: [], excludeInboundPorts: [9, 10], excludeInterfaces: ['eth1'] },
    });

    // THEN
    expect(traffic(one('Deployment', 'a-v1'))).toEqual({ includeOutboundIPRanges: '10.96.0.0/12,fd00::/8', excludeOutboundPorts: '5432', includeInboundPorts: '*' });
    expect(traffic(one('Deployment', 'b-v1'))).toEqual({
      includeOutboundIPRanges: '10.96.0.0/12,fd00::/8', excludeOutboundPorts: '', excludeOutboundIPRanges: '10.1.2.3/32', includeOutboundPorts: '80',
      includeInboundPorts: '', excludeInboundPorts: '9,10', excludeInterfaces: 'eth1',
    });
    const { initContainers } = one('Deployment', 'a-v1').spec.template.spec;
    expect(initContainers[0].args).toEqual(expect.arrayContaining(['-i', '10.96.0.0/12,fd00::/8', '-o', '5432']));
  });

  test('of the version\'s own annotations is left alone', () => {
    const { mesh, one } = createWorld({ capture: { excludeOutboundPorts: [1] } });
    new MeshService(mesh, 'a', { port: 80, versions: { v1: { image: 'a', annotations: { 'traffic.sidecar.istio.io/excludeOutboundPorts': '2' } } } });
    expect(traffic(one('Deployment', 'a-v1'))).toEqual({ excludeOutboundPorts: '2' });
  });

  describe('fails when', () => {
    const failures: [string, Capture, string][] = [
      ['a range has no length', { includeOutboundIpRanges: ['10.0.0.1'] }, 'capture.includeOutboundIpRanges has "10.0.0.1", which is no range of addresses'],
      ['a range is too long', { excludeOutboundIpRanges: ['10.0.0.0/33'] }, 'which is no range of addresses'],
      ['a name is a range', { excludeOutboundIpRanges: ['example.com/8'] }, 'which is no range of addresses'],
      ['an address inside a range is given', { includeOutboundIpRanges: ['10.0.0.1/24'] }, 'write "10.0.0.0/24" for the range, or "10.0.0.1/32" for the one address'],
      ['a port is none', { excludeInboundPorts: [0] }, 'capture.excludeInboundPorts must be a whole number from 1 to 65535, got 0'],
    ];

    test.each(failures)('%s', (_when, capture, message) => {
      expect(() => createWorld({ capture })).toThrow(message);
      expect(() => new MeshService(createWorld().mesh, 'a', { port: 80, versions: { v1: { image: 'a' } }, capture })).toThrow(MeshError);
    });
  });
});
