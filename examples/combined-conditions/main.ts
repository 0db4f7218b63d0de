import { App, Chart } from 'cdk8s';
import { Cookie, Header, Mesh, MeshService, Path } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'combined-conditions', { namespace: 'combined-conditions' });
const mesh = new Mesh(chart, 'mesh');

const version = (name: string) => ({ image: `example/${name}` });
const ratings = new MeshService(mesh, 'ratings', { port: 9080, versions: { v1: version('ratings:1'), v2: version('ratings:2') }, calls: [] });
const reviews = new MeshService(mesh, 'reviews', { port: 9080, versions: { v2: version('reviews:2'), v3: version('reviews:3') }, calls: [ratings] });

// Everything in one match must hold: only what reviews v2 reads for jason in the beta ring, below /ratings/, comes from v2.
ratings.route({
  from: [reviews.version('v2')],
  match: { path: Path.prefix('/ratings/'), method: 'GET', headers: [Header.exact('ring', 'beta')], cookies: [Cookie.exact('user', 'jason')] },
  to: 'v2',
});

// Several matches are alternatives: a tester in the office, or anyone with the link. Bots are neither.
ratings.route({
  match: [
    { headers: [Header.exact('role', 'tester'), Header.prefix('office', 'berlin-')] },
    { path: Path.exact('/preview'), headers: [Header.not(Header.regex('user-agent', '.*[Bb]ot.*'))] },
  ],
  to: 'v2',
});

ratings.route({ to: 'v1' });

app.synth();
