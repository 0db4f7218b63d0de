import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { details } from '../../examples/apps/details';
import { productpage } from '../../examples/apps/productpage';
import { ratings } from '../../examples/apps/ratings';
import { reviews, type Reviews, type ReviewsVersion } from '../../examples/apps/reviews';
import type { WebServer } from '../../examples/apps/web/server';

/** The applications against each other on loopback: real servers, real time-outs, only shorter. */
const running: (WebServer | Server)[] = [];

async function start(server: WebServer): Promise<string> {
  running.push(server);
  return `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
}

/** Another service in the place of a real one: slow, failing, or curious. */
async function impostor(answer: (headers: IncomingHttpHeaders) => { status: number; body?: object; afterMs?: number }): Promise<string> {
  const server = createServer((request, response) => {
    const { status, body = {}, afterMs = 0 } = answer(request.headers);
    setTimeout(() => response.writeHead(status).end(JSON.stringify(body)), afterMs);
  });
  running.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function bookstore(version: ReviewsVersion, ratingsUrl?: string): Promise<string> {
  const ratingsService = { url: ratingsUrl ?? await start(ratings()), timeoutMs: version === 'v3' ? 100 : 2000 };
  const reviewsUrl = await start(reviews(version, ratingsService));
  return start(productpage({
    details: { url: await start(details()), timeoutMs: 2000 },
    reviews: { url: reviewsUrl, timeoutMs: 300, attempts: 2 },
    ratings: ratingsService,
  }));
}

beforeEach(() => void jest.spyOn(console, 'error').mockImplementation());

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => ('stop' in server ? server.stop() : server.close().closeAllConnections())));
  jest.restoreAllMocks();
});

const page = async (url: string, headers: Record<string, string> = {}): Promise<string> => (await fetch(`${url}/productpage`, { headers })).text();

describe('the page', () => {
  test.each([
    ['v1', 'no'],
    ['v2', 'black'],
    ['v3', 'red'],
  ] as const)('with reviews %s shows %s stars', async (version, color) => {
    const html = await page(await bookstore(version));
    expect(html).toContain('<title>Simple Bookstore App</title>');
    expect(html).toContain('123-1234567890');
    expect(html).toContain('Reviewer1');
    expect(html).toContain('Reviewer2');
    expect(html.includes('class="stars')).toBe(color !== 'no');
    if (color !== 'no') expect(html).toContain(`<p class="stars ${color}" role="img" aria-label="5 of 5 ${color} stars">★★★★★`);
  });

  test('loads nothing from elsewhere, and what it loads is there', async () => {
    const url = await bookstore('v1');
    const links = [...(await page(url)).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link);
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) {
      expect(link).toMatch(/^\//);
      expect((await fetch(url + link)).status).toBe(200);
    }
  });

  test('tells when reviews take too long, after two attempts', async () => {
    let calls = 0;
    const slow = await impostor(() => {
      calls += 1;
      return { status: 200, body: { ratings: {} }, afterMs: 1500 };
    });
    const begin = Date.now();
    const html = await page(await bookstore('v2', slow));
    expect(html).toContain('Sorry, product reviews are currently unavailable for this book.');
    expect(html).toContain('ISBN-10');
    expect(Date.now() - begin).toBeGreaterThanOrEqual(2 * 300 - 5);
    expect(calls).toBe(2);
  });

  test('with reviews v3, slow ratings cost only the stars', async () => {
    const slow = await impostor(() => ({ status: 200, body: { ratings: {} }, afterMs: 250 }));
    const html = await page(await bookstore('v3', slow));
    expect(html).toContain('Ratings service is currently unavailable');
    expect(html).toContain('Reviewer1');
    expect(html).not.toContain('Sorry');
  });

  test('tells when ratings fail', async () => {
    const html = await page(await bookstore('v2', await impostor(() => ({ status: 500 }))));
    expect(html).toContain('Ratings service is currently unavailable');
    expect(html).not.toContain('class="stars');
  });

  test('tells when details and reviews are down', async () => {
    const nowhere = { url: 'http://127.0.0.1:1', timeoutMs: 1000 };
    const url = await start(productpage({ details: nowhere, reviews: { ...nowhere, attempts: 2 } }));
    const html = await page(url);
    expect(html).toContain('Sorry, product details are currently unavailable for this book.');
    expect(html).toContain('Sorry, product reviews are currently unavailable for this book.');
    const api = await fetch(`${url}/api/v1/products/0/reviews`);
    expect(api.status).toBe(500);
    expect(await api.json()).toEqual({ error: 'Sorry, product reviews are currently unavailable for this book.' });
  });

  test('shows no markup that came with a name', async () => {
    const html = await page(await bookstore('v1'), { cookie: `user=${encodeURIComponent('<script>alert("x")</script>')}` });
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toContain('<script>');
  });
});

describe('the session', () => {
  test('is a cookie with the name, set by the login and ended by the logout', async () => {
    const url = await bookstore('v1');
    const login = await fetch(`${url}/login`, { method: 'POST', body: new URLSearchParams({ username: 'jason' }), redirect: 'manual' });
    expect([login.status, login.headers.get('location')]).toEqual([302, '/productpage']);
    expect(login.headers.get('set-cookie')).toBe('user=jason; Path=/; HttpOnly; SameSite=Lax');
    expect(await page(url, { cookie: 'theme=dark; user=jason' })).toContain('Signed in as <strong>jason</strong>');
    const logout = await fetch(`${url}/logout`, { redirect: 'manual' });
    expect(logout.headers.get('set-cookie')).toContain('Max-Age=0');
    expect(await page(url)).toContain('action="/login"');
  });

  test('its name goes along as end-user, with the headers that make one trace', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const curious = await impostor((headers) => {
      seen.push(headers);
      return { status: 200, body: { id: 0, ratings: { Reviewer1: 1, Reviewer2: 2 } } };
    });
    const trace = {
      'x-request-id': 'r', 'x-b3-traceid': 't', 'x-b3-spanid': 's', 'x-b3-parentspanid': 'p', 'x-b3-sampled': '1', 'x-b3-flags': '0',
      'x-ot-span-context': 'o', 'traceparent': '00-1-2-01', 'tracestate': 'a=b',
    };
    await page(await bookstore('v2', curious), { ...trace, 'cookie': 'user=jason', 'x-other': 'not this' });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ ...trace, 'end-user': 'jason', 'cookie': 'user=jason' });
    expect(seen[0]).not.toHaveProperty('x-other');
  });

  test('a name that is no header value does not break the page', async () => {
    expect(await page(await bookstore('v2'), { cookie: `user=${encodeURIComponent('Jäsön\n')}` })).toContain('Reviewer1');
  });
});

describe('the services', () => {
  test('the API has products, details, reviews and ratings', async () => {
    const url = await bookstore('v2');
    const json = async (path: string): Promise<unknown> => (await fetch(`${url}/api/v1/products${path}`)).json();
    expect(await json('')).toMatchObject([{ id: 0, title: 'The Comedy of Errors' }]);
    expect(await json('/200')).toMatchObject({ id: 200, author: 'William Shakespeare', pages: 200 });
    expect(await json('/0/ratings')).toEqual({ id: 0, ratings: { Reviewer1: 5, Reviewer2: 4 } });
    const { reviews: list } = await json('/0/reviews') as Reviews;
    expect(list.map(({ reviewer, rating }) => [reviewer, rating])).toEqual([
      ['Reviewer1', { stars: 5, color: 'black' }], ['Reviewer2', { stars: 4, color: 'black' }],
    ]);
  });

  test('ratings can be changed, but not to nonsense', async () => {
    const url = await start(ratings());
    const post = (body: string): Promise<Response> => fetch(`${url}/ratings/7`, { method: 'POST', body });
    expect(await (await post('{"Reviewer1": 1}')).json()).toEqual({ id: 7, ratings: { Reviewer1: 1, Reviewer2: 4 } });
    for (const nonsense of ['', '[]', '{"Reviewer1": 6}', '{"Reviewer1": "5"}', 'null']) expect((await post(nonsense)).status).toBe(400);
    expect(await (await fetch(`${url}/ratings/7`)).json()).toEqual({ id: 7, ratings: { Reviewer1: 1, Reviewer2: 4 } });
    expect((await fetch(`${url}/ratings/x`)).status).toBe(400);
  });

  test('all say who answers, are healthy, and know what they do not have', async () => {
    for (const server of [productpage(), details(), ratings(), reviews('v1')]) {
      const url = await start(server);
      const health = await fetch(`${url}/health`);
      expect([health.status, health.headers.get('x-served-by')]).toEqual([200, process.env.HOSTNAME ?? 'localhost']);
      expect((await fetch(`${url}/nothing`)).status).toBe(404);
      expect((await fetch(`${url}/health`, { method: 'DELETE' })).status).toBe(405);
    }
  });

  test('a server that stops first answers what it has begun', async () => {
    const server = details();
    const url = await start(server);
    const slow = await impostor(() => ({ status: 200, body: { ratings: {} }, afterMs: 200 }));
    const reviewsServer = reviews('v2', { url: slow, timeoutMs: 2000 });
    const answer = fetch(`${await start(reviewsServer)}/reviews/0`);
    await new Promise((wake) => setTimeout(wake, 100));
    await Promise.all([reviewsServer.stop(50), server.stop(50)]);
    expect((await answer).status).toBe(200);
    await expect(fetch(`${url}/details/0`)).rejects.toThrow();
  });
});
