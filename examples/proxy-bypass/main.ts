import { App, Chart } from 'cdk8s';
import { Mesh, MeshService, Outbound } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'proxy-bypass', { namespace: 'proxy-bypass' });
const mesh = new Mesh(chart, 'mesh', { outbound: Outbound.REGISTRY_ONLY });

const versions = { v1: { image: 'example/client:1' } };
new MeshService(mesh, 'web', { port: 80, versions });
new MeshService(mesh, 'strict', { port: 8080, versions });

// Only the ranges of Services and pods go through the proxy, so everything outside is open and unseen. Take your cluster's own ranges.
new MeshService(mesh, 'inside-only', { port: 8080, versions, capture: { includeOutboundIpRanges: ['10.96.0.0/16', '10.244.0.0/16'] } });

// Narrower: one range, or one port, goes around it.
new MeshService(mesh, 'but-range', { port: 8080, versions, capture: { excludeOutboundIpRanges: ['203.0.113.0/24'] } });
new MeshService(mesh, 'but-port', { port: 8080, versions, capture: { excludeOutboundPorts: [443] } });

app.synth();
