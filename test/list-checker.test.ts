import { Duration } from 'cdk8s';
import { AccessPolicy, ListChecker, type ListCheckerProps } from '../src';
import { createWorld } from './world';

describe('ListChecker', () => {
  test('is a service with the program of the runtime, and an authorizer', () => {
    // GIVEN
    const { mesh, service, spec, one } = createWorld();

    // WHEN
    const list = new ListChecker(mesh, 'white-list', {
      list: 'http://registry/list', from: service('registry'), entries: ['10.0.0.0/8'], value: 'source.ip', mode: 'allow', compare: 'ip', refresh: Duration.seconds(5),
      status: 401, message: 'who are you?', replicas: 2,
    });
    new AccessPolicy(mesh, 'listed-only', { service: service('cart'), custom: { provider: list.authorizer } });

    // THEN
    const { replicas, template } = spec('Deployment', 'white-list-v1');
    expect(replicas).toBe(2);
    expect(template.spec.containers[0]).toMatchObject({
      image: expect.stringContaining('cdk8s-istio-runtime') as string,
      args: [
        'list-checker', '--grpc', '9191', '--list', 'http://registry/list', '--entry', '10.0.0.0/8', '--value', 'source.ip', '--mode', 'allow', '--compare', 'ip', '--refresh', '5s',
        '--status', '401', '--message', 'who are you?',
      ],
    });
    expect(spec('Service', 'white-list').ports).toEqual([{ name: 'grpc', port: 9191, targetPort: 9191, appProtocol: 'grpc' }]);
    expect(spec('Sidecar', 'white-list').egress[0].hosts).toEqual(['istio-system/*', 'shop/registry.shop.svc.cluster.local']);
    expect(spec('AuthorizationPolicy', 'listed-only').provider).toEqual({ name: 'white-list' });
    expect((one('ConfigMap', 'istio') as unknown as { data: { mesh: string } }).data.mesh).toContain('service: shop/white-list.shop.svc.cluster.local');
  });

  describe('fails when', () => {
    const checker = (props: Partial<ListCheckerProps>) => ({ mesh }: ReturnType<typeof createWorld>) => new ListChecker(mesh, 'it', { value: 'header:x-user', mode: 'allow', ...props });
    const failures: [string, (world: ReturnType<typeof createWorld>) => unknown, string][] = [
      ['there is no list', checker({}), 'it: has no list'],
      ['the list is no address', checker({ list: 'registry/list' }), 'list "registry/list" is no address'],
      ['the header is none', checker({ entries: ['a'], value: 'header:x user' }), '"header:x user" names no header'],
      ['an entry is no range', checker({ entries: ['alice'], compare: 'ip' }), '"alice" is no address and no range of addresses'],
      ['the status is no refusal', checker({ entries: ['a'], status: 200 }), 'status must be a whole number from 400 to 599'],
      // @ts-expect-error what is no attribute
      ['the value is unknown', checker({ entries: ['a'], value: 'user', status: 1 }), 'status must be'],
    ];

    test.each(failures)('%s', (_when, act, message) => expect(() => act(createWorld())).toThrow(message));
  });
});
