import { Duration } from 'cdk8s';
import { Cors, Path, StringMatch } from '../src';
import { createWorld } from './world';

describe('Cors', () => {
  test('writes every field', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();

    // WHEN
    new Cors(mesh, 'cors', {
      service: service('web'), match: { path: Path.prefix('/api') },
      origins: ['https://a.example.com', StringMatch.prefix('https://b.'), StringMatch.regex('https://.*\\.example\\.org')],
      methods: ['GET'], headers: ['x-a'], expose: ['x-b'], maxAge: Duration.hours(1), credentials: true, forwardUnmatched: false,
    });

    // THEN
    expect(spec('VirtualService', 'web').http[0].corsPolicy).toEqual({
      allowOrigins: [{ exact: 'https://a.example.com' }, { prefix: 'https://b.' }, { regex: 'https://.*\\.example\\.org' }],
      allowMethods: ['GET'], allowHeaders: ['x-a'], exposeHeaders: ['x-b'], maxAge: '3600s', allowCredentials: true, unmatchedPreflights: 'IGNORE',
    });
  });

  test('fails when it names no origin', () => {
    const { mesh, service } = createWorld();
    expect(() => new Cors(mesh, 'cors', { service: service('web'), origins: [] })).toThrow('`cors.origins` names no origin');
  });
});
