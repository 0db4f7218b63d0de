import fc from 'fast-check';
import { Acceptance } from '../../src/control/acceptance';
import type { Problem } from '../../src/model/problem';
import type { Resource } from '../../src/model/resource';
import { resourcesOf } from '../../src/model/snapshot';
import type { Snapshot } from '../../src/model/snapshot';
import { Store } from '../../src/source/store';

const VS = 'networking.istio.io/VirtualService';
const DR = 'networking.istio.io/DestinationRule';
const HOST = 'reviews.default.svc.cluster.local';

const object = (apiVersion: string, kind: string, name: string, spec: object): Resource => ({ apiVersion, kind, metadata: { name, namespace: 'default' }, spec });
const service = (name: string) => object('v1', 'Service', name, {});
const rule = (name: string, host: string, ...subsets: string[]) => object('networking.istio.io/v1', 'DestinationRule', name, {
  host, subsets: subsets.map((subset) => ({ name: subset, labels: { version: subset } })),
});
const route = (name: string, ...destinations: { host: string; subset?: string }[]) => object('networking.istio.io/v1', 'VirtualService', name, {
  hosts: ['reviews'], http: [{ route: destinations.map((destination) => ({ destination, weight: 1 })) }],
});

class World {
  public readonly store = new Store();
  private readonly acceptance = new Acceptance();

  public set(...resources: Resource[]): ReturnType<World['accept']> {
    for (const resource of resources) this.store.set(resource);
    return this.accept();
  }

  public delete(kind: string, name: string): ReturnType<World['accept']> {
    this.store.delete(kind, `default/${name}`);
    return this.accept();
  }

  public accept() {
    const { snapshot, problems } = this.acceptance.accept(this.store.snapshot());
    return { snapshot, problems, route: resourcesOf(snapshot, VS).get('default/reviews'), subsets: subsetsOf(snapshot, HOST) };
  }
}

function subsetsOf(snapshot: Snapshot, host: string): string[] {
  return [...resourcesOf(snapshot, DR).values()].flatMap(({ metadata, spec }) => {
    const own = spec as { host: string; subsets: { name: string }[] };
    const full = own.host.includes('.') ? own.host : `${own.host}.${metadata.namespace}.svc.cluster.local`;
    return full === host ? own.subsets.map(({ name }) => name) : [];
  }).sort();
}

describe('a route that names a subset nobody has', () => {
  test('is left out while its DestinationRule is not there, with a problem that says where', () => {
    const world = new World();
    const { route: accepted, problems } = world.set(service('reviews'), route('reviews', { host: 'reviews', subset: 'v1' }, { host: 'reviews', subset: 'v2' }));
    expect(accepted).toBeUndefined();
    expect(problems).toEqual([1, 2].map((version, index) => ({
      resource: { kind: 'VirtualService', namespace: 'default', name: 'reviews' },
      path: `spec.http[0].route[${index}].destination.subset`,
      message: `${HOST} has no subset v${version}: add it to its DestinationRule; until then the VirtualService is left out`,
    })));
    expect(world.set(rule('reviews', 'reviews', 'v1', 'v2'))).toMatchObject({ problems: [], route: { metadata: { name: 'reviews' } } });
  });

  test('its version before stays, while everything else goes on', () => {
    const world = new World();
    const first = route('reviews', { host: 'reviews', subset: 'v1' });
    world.set(service('reviews'), service('ratings'), rule('reviews', HOST, 'v1'), first);
    const { route: accepted, snapshot, problems } = world.set(route('reviews', { host: 'reviews', subset: 'v9' }), route('ratings', { host: 'ratings' }));
    expect(accepted).toBe(first);
    expect(resourcesOf(snapshot, VS).has('default/ratings')).toBe(true);
    expect(problems.map(({ message }) => message)).toEqual([`${HOST} has no subset v9: add it to its DestinationRule; until then the VirtualService stays as it was`]);
  });

  test.each([
    ['a mirror', { http: [{ route: [{ destination: { host: 'reviews' } }], mirror: { host: 'reviews', subset: 'v9' } }] }, 'spec.http[0].mirror.subset'],
    ['one of several mirrors', { http: [{ mirrors: [{ destination: { host: HOST, subset: 'v9' } }] }] }, 'spec.http[0].mirrors[0].destination.subset'],
    ['a TCP route', { tcp: [{ route: [{ destination: { host: 'reviews', subset: 'v9' } }] }] }, 'spec.tcp[0].route[0].destination.subset'],
    ['a TLS route', { tls: [{ route: [{ destination: { host: 'reviews', subset: 'v9' } }] }] }, 'spec.tls[0].route[0].destination.subset'],
  ])('%s counts', (_name, spec, path) => {
    const { route: accepted, problems } = new World().set(service('reviews'), object('networking.istio.io/v1', 'VirtualService', 'reviews', { hosts: ['reviews'], ...spec }));
    expect(accepted).toBeUndefined();
    expect(problems.map((problem) => problem.path)).toEqual([path]);
  });

  test('a DestinationRule for a wildcard host counts', () => {
    const { route: accepted } = new World().set(service('reviews'), rule('all', '*.default.svc.cluster.local', 'v1'), route('reviews', { host: 'reviews', subset: 'v1' }));
    expect(accepted).toBeDefined();
  });

  test('a host of a ServiceEntry is known too', () => {
    const entry = object('networking.istio.io/v1', 'ServiceEntry', 'partner', { hosts: ['*.partner.example'] });
    const { route: accepted } = new World().set(entry, route('reviews', { host: 'api.partner.example', subset: 'v1' }));
    expect(accepted).toBeUndefined();
  });
});

describe('a subset that a route still names', () => {
  const first = route('reviews', { host: 'reviews', subset: 'v1' });
  const world = (): World => {
    const made = new World();
    made.set(service('reviews'), rule('reviews', 'reviews', 'v1', 'v2'), first);
    return made;
  };

  test('is kept when the DestinationRule drops it, until the route is gone', () => {
    const made = world();
    const dropped = made.set(rule('reviews', 'reviews', 'v2', 'v3'));
    expect(dropped.subsets).toEqual(['v1', 'v2', 'v3']);
    expect(dropped.route).toBe(first);
    expect(dropped.problems).toEqual([{
      resource: { kind: 'DestinationRule', namespace: 'default', name: 'reviews' },
      path: 'spec.subsets',
      message: 'subset v1 is kept as it was, because VirtualService default/reviews still routes to it: change that route first',
      severity: 'warning',
    }]);
    expect(made.set(route('reviews', { host: 'reviews', subset: 'v3' }))).toMatchObject({ subsets: ['v2', 'v3'], problems: [] });
  });

  test('is kept when the DestinationRule goes', () => {
    const made = world();
    expect(made.delete(DR, 'reviews').subsets).toEqual(['v1', 'v2']);
    expect(made.delete(VS, 'reviews')).toMatchObject({ subsets: [], problems: [] });
  });

  test('is kept when the DestinationRule turns to another host', () => {
    const made = world();
    const { snapshot, subsets } = made.set(service('ratings'), rule('reviews', 'ratings', 'v7'));
    expect(subsets).toEqual(['v1', 'v2']);
    expect(subsetsOf(snapshot, 'ratings.default.svc.cluster.local')).toEqual(['v7']);
  });

  test('may move to another DestinationRule', () => {
    const made = world();
    made.store.delete(DR, 'default/reviews');
    expect(made.set(rule('other', HOST, 'v1'))).toMatchObject({ subsets: ['v1'], problems: [] });
  });

  test('a changed route that names it is held back, because it could not be applied anew', () => {
    const made = world();
    made.set(rule('reviews', 'reviews', 'v2'));
    const changed = made.set(route('reviews', { host: 'reviews', subset: 'v1' }, { host: 'reviews', subset: 'v2' }));
    expect(changed.route).toBe(first);
    expect(changed.subsets).toEqual(['v1', 'v2']);
  });
});

describe('a route to a host nobody knows', () => {
  const warning = (host: string) => new World().set(service('reviews'), route('reviews', { host, subset: 'v1' }));

  test('passes, with a warning', () => {
    const { route: accepted, problems } = warning('nobody.example');
    expect(accepted).toBeDefined();
    expect(problems).toEqual([{
      resource: { kind: 'VirtualService', namespace: 'default', name: 'reviews' },
      path: 'spec.http[0].route[0].destination.host',
      message: 'nobody knows the host nobody.example, requests are answered with 503: add a Service or a ServiceEntry, or correct the name',
      severity: 'warning',
    }]);
  });

  test.each(['reviews.default', 'reviews.default.svc'])('%s is almost right', (host) => {
    expect(warning(host).problems[0].message).toContain('write reviews.default.svc.cluster.local: only names without a dot are completed');
  });

  test('when it becomes known without the subset, the route is taken out', () => {
    const world = new World();
    world.set(route('reviews', { host: 'reviews', subset: 'v1' }));
    expect(world.set(service('reviews')).route).toBeUndefined();
  });
});

describe('identity', () => {
  test('without anything to hold back it is the same snapshot', () => {
    const world = new World();
    world.set(service('reviews'), rule('reviews', 'reviews', 'v1'), route('reviews', { host: 'reviews', subset: 'v1' }));
    expect(world.accept().snapshot).toBe(world.store.snapshot());
  });

  test('what is held back stays the same map while other things change', () => {
    const world = new World();
    const first = world.set(service('reviews'), route('reviews', { host: 'reviews', subset: 'v1' }), route('b', { host: 'reviews' })).snapshot;
    const second = world.set(object('v1', 'Pod', 'p', {})).snapshot;
    const third = world.set(service('ratings')).snapshot;
    for (const later of [second, third]) expect(resourcesOf(later, VS)).toBe(resourcesOf(first, VS));
    expect(resourcesOf(third, '/Service')).toBe(resourcesOf(world.store.snapshot(), '/Service'));
  });

  test('a rule that keeps a subset is the same object from step to step', () => {
    const world = new World();
    world.set(service('reviews'), rule('reviews', 'reviews', 'v1'), route('reviews', { host: 'reviews', subset: 'v1' }));
    const kept = world.set(rule('reviews', 'reviews', 'v2')).snapshot;
    const later = world.set(service('ratings')).snapshot;
    expect(resourcesOf(later, DR)).toBe(resourcesOf(kept, DR));
  });
});

test('property: no accepted route ever names a subset that a known host lacks', () => {
  const names = fc.constantFrom('a', 'b', 'c');
  const versions = fc.constantFrom('v1', 'v2', 'v3');
  const edit = fc.oneof(
    fc.record({ do: fc.constant('service' as const), name: names }),
    fc.record({ do: fc.constant('no service' as const), name: names }),
    fc.record({ do: fc.constant('rule' as const), name: names, host: names, subsets: fc.uniqueArray(versions) }),
    fc.record({ do: fc.constant('no rule' as const), name: names }),
    fc.record({ do: fc.constant('route' as const), name: names, to: fc.array(fc.record({ host: names, subset: fc.option(versions, { nil: undefined }) }), { minLength: 1, maxLength: 3 }) }),
    fc.record({ do: fc.constant('no route' as const), name: names }),
  );
  fc.assert(fc.property(fc.array(edit, { maxLength: 30 }), (edits) => {
    const world = new World();
    for (const step of edits) {
      if (step.do === 'service') world.store.set(service(step.name));
      if (step.do === 'no service') world.store.delete('/Service', `default/${step.name}`);
      if (step.do === 'rule') world.store.set(rule(step.name, step.host, ...step.subsets));
      if (step.do === 'no rule') world.store.delete(DR, `default/${step.name}`);
      if (step.do === 'route') world.store.set(route(step.name, ...step.to));
      if (step.do === 'no route') world.store.delete(VS, `default/${step.name}`);
      const { snapshot } = world.accept();
      expect(dangling(snapshot)).toEqual([]);
      const raw = world.store.snapshot();
      for (const key of resourcesOf(snapshot, VS).keys()) expect(resourcesOf(raw, VS).has(key)).toBe(true);
    }
    // Nothing is held for ever: with every subset there, everything is accepted as it was written.
    for (const host of ['a', 'b', 'c']) world.store.set(rule(host, host, 'v1', 'v2', 'v3'));
    world.accept();
    expect(world.accept().snapshot).toBe(world.store.snapshot());
  }), { numRuns: 300 });
});

function dangling(snapshot: Snapshot): string[] {
  const destinations = [...resourcesOf(snapshot, VS).values()].flatMap(({ spec }) => {
    const { http } = spec as { http: { route: { destination: { host: string; subset?: string } }[] }[] };
    return http[0].route.map(({ destination }) => destination);
  });
  return destinations.flatMap(({ host, subset }) => {
    const known = resourcesOf(snapshot, '/Service').has(`default/${host}`);
    return known && subset && !subsetsOf(snapshot, `${host}.default.svc.cluster.local`).includes(subset) ? [`${host}/${subset}`] : [];
  });
}

describe('a Gateway', () => {
  const gateway = object('networking.istio.io/v1', 'Gateway', 'edge', { selector: { istio: 'edge' }, servers: [] });
  const pod = (name: string, labels: Record<string, string>): Resource => ({ ...object('v1', 'Pod', name, {}), metadata: { name, namespace: 'istio-system', labels } });

  test('that no pod serves is told of, until there is one', () => {
    const world = new World();
    // That it has no servers is told by itself.
    const ofSelector = (problems: readonly Problem[]) => problems.filter(({ path }) => path === 'spec.selector');
    expect(ofSelector(world.set(gateway, pod('other', { istio: 'egress' })).problems)).toMatchObject([
      { resource: { kind: 'Gateway', namespace: 'default', name: 'edge' }, path: 'spec.selector', severity: 'warning', message: expect.stringContaining('no pod has the labels istio=edge') },
    ]);
    expect(ofSelector(world.set(pod('edge', { istio: 'edge', app: 'edge' })).problems)).toEqual([]);
    world.store.delete('/Pod', 'istio-system/edge');
    expect(ofSelector(world.accept().problems)).toHaveLength(1);
  });
});

describe('a DestinationRule', () => {
  test('for a host that nobody knows is told of, with the name that was meant', () => {
    const world = new World();
    world.set(service('reviews'), rule('known', 'reviews'), rule('every', '*.example.com'));
    const { problems } = world.set(rule('unknown', 'review'), rule('half', 'reviews.default'));
    expect(problems.map(({ resource, path, message, severity }) => [resource.name, path, message, severity])).toEqual([
      ['half', 'spec.host', `nobody knows the host reviews.default, so the rule is for nobody: write ${HOST}: only names without a dot are completed`, 'warning'],
      ['unknown', 'spec.host', 'nobody knows the host review.default.svc.cluster.local, so the rule is for nobody: add a Service or a ServiceEntry, or correct the name', 'warning'],
    ]);
    expect(world.set(service('review')).problems.map(({ resource }) => resource.name)).toEqual(['half']);
  });

  test('with two subsets of one name is told which counts', () => {
    const { problems } = new World().set(service('reviews'), rule('reviews', 'reviews', 'v1', 'v2', 'v1'));
    expect(problems.map(({ path, message }) => [path, message])).toEqual([['spec.subsets[2].name', 'there is a subset v1 before: only the first counts']]);
  });
});
