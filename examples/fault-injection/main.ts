import { App, Chart, Duration } from 'cdk8s';
import { ExternalService, FaultInjection, Gateway, Header, Mesh, Path, Port } from 'cdk8s-istio';
import { bookinfo } from '../bookinfo/services';

const app = new App();
const chart = new Chart(app, 'fault-injection', { namespace: 'fault-injection' });
const mesh = new Mesh(chart, 'mesh');
const { productpage, reviews, ratings } = bookinfo(mesh);

const user = (name: string) => ({ headers: [Header.exact('end-user', name)] });

// reviews v2 waits 10 s for ratings, but the product page waits only 3 s for reviews, twice. Slow ratings show the bug, to jason alone.
reviews.route({ to: 'v2' });
new FaultInjection(mesh, 'slow-for-jason', { service: ratings, match: user('jason'), delay: { fixed: Duration.seconds(7), percent: 100 } });

// v3 gives up after 2.5 s: the reviews come, without stars.
reviews.route({ match: user('vera'), to: 'v3' });
new FaultInjection(mesh, 'slow-for-vera', { service: ratings, match: user('vera'), delay: { fixed: Duration.millis(2800), percent: 100 } });

// A delay that everyone can live with, a service that is down, and one that is down now and then.
new FaultInjection(mesh, 'slow-for-tom', { service: ratings, match: user('tom'), delay: { fixed: Duration.seconds(2), percent: 100 } });
new FaultInjection(mesh, 'down-for-ada', { service: ratings, match: user('ada'), abort: { status: 500, percent: 100 } });
new FaultInjection(mesh, 'flaky-for-eve', { service: ratings, match: user('eve'), abort: { status: 400, percent: 10 } });

// Now and then slow; and both at once: everything is slow, and then one call in ten fails.
const slow = Duration.millis(500);
new FaultInjection(mesh, 'slow-at-times-for-ben', { service: ratings, match: user('ben'), delay: { fixed: slow, percent: 10 } });
new FaultInjection(mesh, 'both-for-max', { service: ratings, match: user('max'), delay: { fixed: slow, percent: 100 }, abort: { status: 400, percent: 10 } });

// The same for a service outside of the mesh, and for users at the edge.
const partner = new ExternalService(mesh, 'partner', { host: 'api.partner.example', port: Port.http(80) });
productpage.call(partner);
new FaultInjection(mesh, 'partner-down', { service: partner, abort: { status: 503, percent: 100 } });
new FaultInjection(mesh, 'page-down-for-gus', { service: productpage, match: { headers: [Header.exact('x-user', 'gus')] }, abort: { status: 500, percent: 100 } });

new Gateway(mesh, 'edge', { host: 'localhost' }).route(productpage, { path: Path.exact('/productpage') });

app.synth();
