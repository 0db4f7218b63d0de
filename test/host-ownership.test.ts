import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { App, Chart, Testing } from 'cdk8s';
import { ExternalService, Mesh, MeshRuntime, MeshService, Port } from '../src';
import { VirtualService } from '../imports/istio/virtual-service';
import { synth } from './world';

/** Two teams with a chart each, in one mesh. */
function createTeams() {
  const app = new App();
  const [shop, evil] = ['shop', 'evil'].map((namespace) => new Chart(app, namespace, { namespace }));
  const mesh = new Mesh(shop, 'mesh', { hostOwnership: 'strict', runtime: MeshRuntime.istio() });
  new MeshService(mesh, 'cart', { port: 80, versions: { v1: { image: 'cart:1' } } });
  new ExternalService(mesh, 'partner', { hosts: ['api.partner.example'], port: Port.http(80) });
  const rule = (spec: object) => {
    new VirtualService(evil, 'rule', { metadata: {}, spec: { http: [{ directResponse: { status: 200 } }], ...spec } });
    return () => Testing.synth(evil);
  };
  return { shop, rule };
}

describe('hostOwnership', () => {
  test.each([
    ['a service of another namespace', { hosts: ['cart.shop.svc.cluster.local'] }, 'belongs to namespace shop'],
    ['all services', { hosts: ['*.svc.cluster.local'] }, 'stands for hosts of every namespace'],
    ['whatever there is', { hosts: ['*.local'] }, 'stands for hosts of every namespace'],
    ['a host that another namespace declares', { hosts: ['api.partner.example'], gateways: ['mesh', 'edge'] }, 'belongs to namespace shop'],
  ])('fails when a namespace routes %s for everybody', (_name, spec, message) => {
    expect(createTeams().rule(spec)).toThrow(message);
  });

  test.each([
    ['what is its own', { hosts: ['own', '*.evil.svc.cluster.local'] }],
    ['what others own, for its own callers', { hosts: ['cart.shop.svc.cluster.local'], exportTo: ['.'] }],
    ['what a Gateway of its own serves', { hosts: ['cart.shop.svc.cluster.local'], gateways: ['edge'] }],
    ['what nobody declares', { hosts: ['www.example.com'] }],
  ])('lets a namespace route %s', (_name, spec) => {
    expect(createTeams().rule(spec)).not.toThrow();
  });

  test('is for the API server what it is at synth', () => {
    const hosts = ['cart.shop.svc.cluster.local'];
    const admits = admission([
      ['shop', { hosts: ['cart', 'Cart.shop.svc.cluster.local', '*.shop.svc.cluster.local', 'www.example.com'] }],
      ['evil', { hosts: ['*.example.com'] }],
      ['evil', { hosts, exportTo: ['evil', '.'] }],
      ['evil', { hosts, exportTo: ['~', 'shop'] }],
      ['evil', { hosts, gateways: ['edge'] }],
      ['evil', { http: [] }],
    ]);
    const refuses = admission([
      ['evil', { hosts }],
      ['evil', { hosts: ['own', 'CART.SHOP.svc.cluster.local'] }],
      ['evil', { hosts: ['cart.shop.svc'] }],
      ['hop', { hosts }],
      ['evil', { hosts: ['*'], gateways: ['edge', 'mesh'] }],
      ['evil', { hosts: ['*.cluster.local'], exportTo: ['.', 'shop'] }],
      ['evil', { hosts, exportTo: ['~', '*'] }],
      ['evil', { hosts, exportTo: [], gateways: [] }],
    ]);
    expect(admits).toEqual(admits.map(() => true));
    expect(refuses).toEqual(refuses.map(() => false));
  });

  test('writes one policy and its binding, which tell the control plane too', () => {
    const objects = synth(createTeams().shop).filter(({ apiVersion }) => apiVersion.startsWith('admissionregistration'));
    expect(objects.map(({ kind, metadata }) => [kind, metadata])).toEqual([
      ['ValidatingAdmissionPolicy', { name: 'mesh-host-ownership', labels: { 'mesh.cdk8s-istio.dev/host-ownership': 'strict' } }],
      ['ValidatingAdmissionPolicyBinding', { name: 'mesh-host-ownership' }],
    ]);
    expect(objects[1].spec).toEqual({ policyName: 'mesh-host-ownership', validationActions: ['Deny'] });
  });
});

/** What the policy says of VirtualServices, as an implementation of CEL that is not ours understands it. */
function admission(objects: readonly (readonly [namespace: string, spec: object])[]): boolean[] {
  const policy = synth(createTeams().shop).find(({ kind }) => kind === 'ValidatingAdmissionPolicy');
  const values = objects.map(([namespace, spec]) => ({ metadata: { namespace }, spec }));
  const { matchConditions: [condition], validations: [validation] } = policy?.spec;
  const input = JSON.stringify([condition, validation].map(({ expression }) => ({ cel: expression.replaceAll('object.', 'self.'), values })));
  const run = spawnSync(process.execPath, [join(__dirname, 'imports', 'cel-oracle.mjs')], { input, encoding: 'utf8' });
  const [concerned, valid] = JSON.parse(run.stdout) as [string[], string[]];
  return objects.map((_object, i) => concerned[i] === 'false' || (concerned[i] === 'true' && valid[i] === 'true'));
}
