import { App, Chart, Duration, Testing } from 'cdk8s';
import { Cookie, Header, Mesh, MeshError, MeshService, Path, Port } from '../src';
import { createWorld, hostOf, synth } from './world';

describe('MeshService', () => {
  test('writes a Service whose port carries its protocol twice', () => {
    // GIVEN
    const { mesh, one } = createWorld();

    // WHEN
    new MeshService(mesh, 'reviews', { port: [9080, Port.grpc(9090, { targetPort: 50051 }), Port.tcp(27017, { name: 'db' })], versions: { v1: { image: 'reviews:1' } } });

    // THEN
    expect(one('Service', 'reviews')).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'reviews', namespace: 'shop', labels: { app: 'reviews' } },
      spec: {
        selector: { app: 'reviews' },
        ports: [
          { name: 'http', port: 9080, targetPort: 9080, appProtocol: 'http' },
          { name: 'grpc', port: 9090, targetPort: 50051, appProtocol: 'grpc' },
          { name: 'tcp-db', port: 27017, targetPort: 27017, appProtocol: 'tcp' },
        ],
      },
    });
  });

  test('writes a Deployment for each version, with the sidecar as a native one', () => {
    // GIVEN
    const { mesh, spec, all } = createWorld();

    // WHEN
    new MeshService(mesh, 'reviews', {
      port: 9080,
      versions: {
        v1: { image: 'reviews:1' },
        v2: { image: 'reviews:2', replicas: 3, env: { STARS: 'black', POD: { valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } } }, local: ['node', 'reviews.js'] },
      },
    });

    // THEN
    const { replicas, selector, template } = spec('Deployment', 'reviews-v2');
    expect(replicas).toBe(3);
    expect(selector).toEqual({ matchLabels: { app: 'reviews', version: 'v2' } });
    expect(template.metadata.labels).toMatchObject({ app: 'reviews', version: 'v2' });
    expect(template.metadata.annotations['local.cdk8s-istio.dev/reviews']).toBe('["node","reviews.js"]');
    expect(template.spec.serviceAccountName).toBe('reviews');
    expect(template.spec.containers).toEqual([{
      name: 'reviews',
      image: 'reviews:2',
      env: [{ name: 'STARS', value: 'black' }, { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
      ports: [{ name: 'http', containerPort: 9080 }],
    }]);
    expect(template.spec.initContainers.map((container: { name: string; restartPolicy?: string }) => [container.name, container.restartPolicy]))
      .toEqual([['istio-init', undefined], ['istio-proxy', 'Always']]);
    expect(all('ServiceAccount').map(({ metadata }) => metadata.name)).toContain('reviews');
  });

  test('writes a subset for each version', () => {
    // GIVEN
    const { service, spec } = createWorld();

    // WHEN
    service('reviews');

    // THEN
    expect(spec('DestinationRule', 'reviews')).toEqual({
      host: hostOf('reviews'),
      subsets: [{ name: 'v1', labels: { version: 'v1' } }, { name: 'v2', labels: { version: 'v2' } }],
    });
  });

  test('writes no VirtualService and no Sidecar of its own accord', () => {
    const { service, all } = createWorld();
    service('reviews');
    expect([...all('VirtualService'), ...all('Sidecar')]).toEqual([]);
  });

  describe('calls', () => {
    test('become the egress list of its Sidecar', () => {
      // GIVEN
      const { mesh, service, spec } = createWorld();
      const ratings = service('ratings');

      // WHEN
      const reviews = new MeshService(mesh, 'reviews', { port: 80, versions: { v1: { image: 'x' } }, calls: [ratings] });
      reviews.call(service('details'), ratings);

      // THEN
      expect(spec('Sidecar', 'reviews')).toEqual({
        workloadSelector: { labels: { app: 'reviews' } },
        egress: [{ hosts: ['istio-system/*', `shop/${hostOf('ratings')}`, `shop/${hostOf('details')}`] }],
      });
    });

    test('as an empty list mean that nobody is called', () => {
      const { mesh, spec } = createWorld();
      new MeshService(mesh, 'reviews', { port: 80, versions: { v1: { image: 'x' } }, calls: [] });
      expect(spec('Sidecar', 'reviews').egress).toEqual([{ hosts: ['istio-system/*'] }]);
    });

    test('can go in cycles', () => {
      const { service, spec } = createWorld();
      const one = service('one');
      const two = service('two').call(one);
      one.call(two);
      expect([spec('Sidecar', 'one').egress[0].hosts[1], spec('Sidecar', 'two').egress[0].hosts[1]]).toEqual([`shop/${hostOf('two')}`, `shop/${hostOf('one')}`]);
    });

    test('fail when they are undefined, or of another App', () => {
      const { mesh, service } = createWorld();
      const foreign = createWorld().service('foreign');
      expect(() => new MeshService(mesh, 'a', { port: 80, versions: { v1: { image: 'x' } }, calls: [undefined as never] })).toThrow('calls[0] is undefined');
      expect(() => service('b').call(foreign)).toThrow('calls[0] is no service of this App');
    });
  });

  describe('fails when', () => {
    const failures: [string, (world: ReturnType<typeof createWorld>) => unknown, string][] = [
      ['weights do not add up', ({ service }) => service('a').route({ to: { v1: 80, v2: 10 } }), 'weights must add up to 100, got 90 (v1 80, v2 10)'],
      ['a weight is no percentage', ({ service }) => service('a').route({ to: { v1: 100.5, v2: -0.5 } }), 'weights must be whole percentages from 0 to 100, got v1 100.5, v2 -0.5'],
      ['a version does not exist', ({ service }) => service('a').route({ to: 'v9' as 'v1' }), 'a has no version "v9"'],
      ['two rules have no condition', ({ service }) => service('a').route({ to: 'v1' }).route({ to: 'v2' }), 'two rules without a condition: chart/mesh/a (route to v1) and chart/mesh/a (route to v2)'],
      ['two rules have the same condition', ({ service }) => service('a').route({ match: { path: Path.exact('/a') }, to: 'v1' }).route({ match: { path: Path.regex('/a') }, to: 'v2' }),
        'chart/mesh/a (route to v2) can never match: chart/mesh/a (route to v1) already takes path regex /a'],
      ['conditions of a rule exclude each other', ({ service }) => service('a').route({ match: { headers: [Header.exact('a', '1'), Header.exact('A', '2')] }, to: 'v1' }), 'route to v1 can never match'],
      ['a rule needs two cookies', ({ service }) => service('a').route({ match: { cookies: [Cookie.exact('a', '1'), Cookie.exact('b', '2')] }, to: 'v1' }), 'Istio cannot ask for two conditions on cookie a and cookie:b'],
      ['two decorations say the same', ({ service }) => service('a').decorate({ timeout: Duration.seconds(1) }).decorate({ timeout: Duration.seconds(2) }), 'two values for timeout without a condition'],
      ['a decoration and a rule ask for two regexes', ({ service }) => service('a').route({ match: { path: Path.regex('/a[0-9]+') }, to: 'v1' }).decorate({ match: { path: Path.regex('/a[0-9]x?') }, timeout: Duration.seconds(1) }),
        'Istio cannot ask for two conditions on path in one match'],
      ['a timeout is nothing', ({ service }) => service('a').route({ timeout: Duration.millis(0) }), 'timeout must be at least one millisecond'],
      ['retries are fractions', ({ service }) => service('a').route({ retries: { attempts: 1.5 } }), 'retries.attempts must be a whole number of at least 0, got 1.5'],
      ['a redirect also routes', ({ service }) => service('a').route({ to: 'v1', redirect: { path: '/' } }), 'a rule with `redirect` sends nothing on'],
      ['a prefix is rewritten that nothing matches', ({ service }) => service('a').route({ rewrite: { prefix: '/x' } }), '`rewrite.prefix` replaces the prefix that matched'],
      ['its name is no DNS label', ({ service }) => service('Reviews_1'), 'service name "Reviews_1" is no DNS label'],
      ['a version is no part of a name', ({ mesh }) => new MeshService(mesh, 'a', { port: 80, versions: { 'V 1': { image: 'x' } } }), 'version "V 1" cannot be part of a name'],
      ['a port is given twice', ({ mesh }) => new MeshService(mesh, 'a', { port: [80, Port.grpc(80)], versions: { v1: { image: 'x' } } }), 'port 80 is given twice'],
      ['a port is no port', ({ mesh }) => new MeshService(mesh, 'a', { port: 99999, versions: { v1: { image: 'x' } } }), 'port must be a whole number from 1 to 65535, got 99999'],
      ['it stands in no mesh', ({ chart }) => new MeshService(chart, 'a', { port: 80, versions: { v1: { image: 'x' } } }), 'is in no mesh'],
      ['requests are matched where only connections are seen', ({ mesh }) => new MeshService(mesh, 'a', { port: Port.tcp(9000), versions: { v1: { image: 'x' } } }).route({ match: { path: Path.exact('/') }, to: 'v1' }),
        'route to v1 is about requests, but a speaks tcp'],
    ];

    test.each(failures)('%s', (_when, act, message) => {
      const world = createWorld();
      expect(() => act(world)).toThrow(MeshError);
      expect(() => act(createWorld())).toThrow(message);
    });

    test('another service has its name', () => {
      const { app, chart, service } = createWorld();
      service('a');
      const other = new Mesh(new Chart(app, 'other', { namespace: 'shop' }), 'mesh');
      expect(() => new MeshService(other, 'a', { port: 80, versions: { v1: { image: 'x' } } })).toThrow(`a in namespace shop is already declared by ${chart.node.id}/mesh/a`);
    });
  });

  test('reports the construct, its line and what to do', () => {
    const { service } = createWorld();
    const reviews = service('reviews');
    expect(() => reviews.route({ to: { v1: 80, v2: 10 } })).toThrow(expect.objectContaining({
      code: 'invalid-weights',
      path: 'chart/mesh/reviews',
      location: expect.stringMatching(/^mesh-service\.test\.ts:\d+$/),
      message: expect.stringMatching(/^reviews: weights must add up to 100, got 90 \(v1 80, v2 10\)\n {4}chart\/mesh\/reviews, mesh-service\.test\.ts:\d+\n {4}change the weights of v1 and v2 so that they do$/),
    }));
  });
});

describe('MeshService.fromName', () => {
  test('writes nothing until it has rules, which then hold for our callers only', () => {
    // GIVEN
    const { mesh, all, spec } = createWorld();
    const payments = MeshService.fromName(mesh, 'payments', { namespace: 'payments', port: 8080, versions: ['v1', 'v2'] });
    expect([...all('Service'), ...all('Namespace'), ...all('DestinationRule')].filter(({ metadata }) => metadata.name === 'payments')).toEqual([]);

    // WHEN
    payments.route({ to: 'v2' });

    // THEN
    expect(spec('VirtualService', 'payments')).toEqual({
      hosts: ['payments.payments.svc.cluster.local'],
      exportTo: ['.'],
      http: [{ route: [{ destination: { host: 'payments.payments.svc.cluster.local', subset: 'v2' } }] }],
    });
  });

  test('can be called from another chart of the same mesh', () => {
    // GIVEN
    const app = new App();
    const mesh = new Mesh(new Chart(app, 'platform', { namespace: 'platform' }), 'mesh');
    const team = new Chart(app, 'team', { namespace: 'team' });
    const payments = MeshService.fromName(mesh, 'payments', { namespace: 'payments', port: 8080 });

    // WHEN
    new MeshService(team, 'cart', { mesh, port: 8080, versions: { v1: { image: 'cart:1' } }, calls: [payments] });

    // THEN
    const sidecar = synth(team).find(({ kind }) => kind === 'Sidecar');
    expect(sidecar?.spec.egress[0].hosts).toEqual(['istio-system/*', '*/payments.payments.svc.cluster.local']);
    expect(synth(team)[0]).toMatchObject({ kind: 'Namespace', metadata: { name: 'team' } });
  });
});

describe('MeshService.fromSelector', () => {
  test('writes Service and subsets for pods of somebody else', () => {
    const { mesh, all, spec } = createWorld();
    MeshService.fromSelector(mesh, 'kept', { port: 8080, selector: { app: 'old-name' }, versions: ['v1'], calls: [] });
    expect(spec('Service', 'kept').selector).toEqual({ app: 'old-name' });
    expect(spec('DestinationRule', 'kept').subsets).toEqual([{ name: 'v1', labels: { version: 'v1' } }]);
    expect(spec('Sidecar', 'kept').workloadSelector).toEqual({ labels: { app: 'old-name' } });
    expect(all('Deployment').map(({ metadata }) => metadata.name)).toEqual(['istiod']);
  });
});

test('200 charts of one mesh synthesize, each with its namespace once', () => {
  const app = Testing.app();
  const charts = Array.from({ length: 200 }, (_, index) => new Chart(app, `chart-${index}`, { namespace: `team-${index % 100}` }));
  const mesh = new Mesh(charts[0], 'mesh');
  let previous: MeshService<'v1'> | undefined;
  for (const [index, chart] of charts.entries()) {
    previous = new MeshService<'v1'>(chart, `service-${index}`, { mesh, port: 80, versions: { v1: { image: 'x' } }, calls: previous === undefined ? [] : [previous] });
    previous.route({ to: 'v1' });
  }
  app.synth();
  const namespaces = charts.flatMap((chart) => chart.node.findAll()).filter((construct) => construct.node.id === 'namespace');
  expect(namespaces).toHaveLength(101);
});
