import { App, Chart } from 'cdk8s';
import { Gateway, Mesh, MeshService, Path, Port } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'ratings-database', { namespace: 'ratings-database' });
const mesh = new Mesh(chart, 'mesh');

const version = (service: string, name: string) => ({
  image: `istio/examples-bookinfo-${service}-${name}:1.20.3`, local: ['node', `../apps/dist/${service}.js`, name],
});

// A port that says mongo is looked into by the proxies on both sides: they count what is asked.
const mongodb = new MeshService(mesh, 'mongodb', {
  port: Port.mongo(27017), calls: [],
  versions: { v1: { image: 'istio/examples-bookinfo-mongodb:1.20.3', local: ['node', '../apps/dist/mongo-stand-in.js', '[{"rating": 5}, {"rating": 2}]'] } },
});
const ratings = new MeshService(mesh, 'ratings', {
  port: 9080, calls: [mongodb],
  versions: { v1: version('ratings', 'v1'), v2: { ...version('ratings', 'v2'), env: { MONGO_DB_URL: 'mongodb://mongodb:27017/test' } } },
});
const reviews = new MeshService(mesh, 'reviews', {
  port: 9080, calls: [ratings], versions: { v1: version('reviews', 'v1'), v3: version('reviews', 'v3') },
});
const details = new MeshService(mesh, 'details', { port: 9080, versions: { v1: version('details', 'v1') }, calls: [] });
const productpage = new MeshService(mesh, 'productpage', {
  port: 9080, versions: { v1: version('productpage', 'v1') }, calls: [details, reviews, ratings],
});

// The stars come from the database, and those who show them show them in red.
ratings.route({ to: 'v2' });
reviews.route({ to: 'v3' });
new Gateway(mesh, 'edge', { host: 'localhost' }).route(productpage, { path: Path.exact('/productpage') });

app.synth();
