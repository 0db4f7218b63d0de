import { App, Chart } from 'cdk8s';
import { FaultInjection, Gateway, GrpcRoute, Header, Mesh, MeshService, Path, Port } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'grpc', { namespace: 'grpc' });
const mesh = new Mesh(chart, 'mesh');

const greeter = new MeshService(mesh, 'greeter', {
  port: Port.grpc(50051), versions: { v1: { image: 'example/greeter:1' }, v2: { image: 'example/greeter:2' } }, calls: [],
});
new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } }, calls: [greeter] });

// By method and by metadata; every call on its own, although all share one connection.
const helloworld = 'helloworld.Greeter';
new GrpcRoute(mesh, 'new-method', { service: greeter, match: { grpcService: helloworld, method: 'SayHelloAgain' }, to: 'v2' });
new GrpcRoute(mesh, 'testers', { service: greeter, match: { metadata: [Header.exact('ring', 'beta')] }, to: 'v2' });
new GrpcRoute(mesh, 'others', { service: greeter, to: { v1: 75, v2: 25 }, retries: { attempts: 2, on: ['unavailable', 'resource-exhausted'] } });

// Failure on purpose has a status of gRPC.
new FaultInjection(mesh, 'broken', {
  service: greeter, match: { path: Path.exact(`/${helloworld}/SayGoodbye`) }, abort: { grpcStatus: 'UNAVAILABLE', percent: 100 },
});

new Gateway(mesh, 'edge', { host: 'greeter.example.com' }).route(greeter);

app.synth();
