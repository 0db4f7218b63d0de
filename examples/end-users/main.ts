import { App, Chart } from 'cdk8s';
import { AccessPolicy, Claim, Gateway, JwtAuthentication, Mesh, MeshService, Path } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'end-users', { namespace: 'end-users' });
const mesh = new Mesh(chart, 'mesh');
const versions = { v1: { image: 'example/shop:1' }, v2: { image: 'example/shop:2' } };
const web = new MeshService(mesh, 'web', { port: 8080, versions });
const next = new MeshService(mesh, 'next', { port: 8080, versions });

const edge = new Gateway(mesh, 'edge', { host: 'shop.example.com' });
// Whose claim says so sees what is new; all others see the shop as it is.
edge.route(next, { path: Path.prefix('/'), claims: [Claim.exact('groups', 'testers')] });
edge.route(web);

// Only users come in, except to the front page. Public keys may stand in the program; usually `jwksUri` says where they are.
new JwtAuthentication(mesh, 'users', {
  gateway: edge,
  issuer: 'issuer.example.com',
  jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'Bfs5y718YGdxFb3BZjh2h3QpKaKfAoc-GtxnCU1IdwU', y: 'IMgwtKUqIlidV572BILX5s--TUy6EXMfc1zc0-iJJsg', kid: 'issuer.example.com', alg: 'ES256' }] },
  outputClaims: { 'x-user': 'sub' },
  required: { except: Path.exact('/') },
});
// And what some of them may do, the gateway decides too.
new AccessPolicy(mesh, 'admins', { gateway: edge, deny: [{ path: Path.prefix('/admin'), when: [Claim.not(Claim.exact('groups', 'admins'))] }] });

app.synth();
