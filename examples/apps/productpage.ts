// productpage: the page of the bookstore. Asks details and reviews, shows what comes back, and what does not.
import { bookPage } from './bookstore/page';
import { cover, favicon } from './bookstore/pictures';
import { PRODUCT } from './bookstore/product';
import { style } from './bookstore/style';
import { get, serviceUrl, type Reply, type Service } from './web/client';
import { WebServer, run, type Answer, type Request } from './web/server';
import { forwardedHeaders } from './web/trace-headers';
import type { Details } from './details';
import type { Reviews } from './reviews';

export interface ProductpageServices {
  readonly details: Service;
  readonly reviews: Service;
  readonly ratings: Service;
}

const SERVICES: ProductpageServices = {
  details: { url: serviceUrl('details'), timeoutMs: 3000 },
  reviews: { url: serviceUrl('reviews'), timeoutMs: 3000, attempts: 2 },
  ratings: { url: serviceUrl('ratings'), timeoutMs: 3000 },
};

export function productpage(changes: Partial<ProductpageServices> = {}): WebServer {
  const services = { ...SERVICES, ...changes };
  const ask = <T>(service: keyof ProductpageServices, path: string, request: Request) => get<T>(services[service], path, headersFor(request));
  const askReviews = (id: string, request: Request) => ask<Reviews>('reviews', `/reviews/${id}`, request);
  const askDetails = (id: string, request: Request) => ask<Details>('details', `/details/${id}`, request);
  return new WebServer({
    'GET /': () => toPage(),
    'GET /health': () => ({ body: 'Product page is healthy\n' }),
    'GET /productpage': async (request) => {
      const [details, reviews] = await Promise.all([askDetails('0', request), askReviews('0', request)]);
      return html(bookPage({ details, reviews, user: userOf(request), servedBy: process.env.HOSTNAME ?? 'localhost' }));
    },
    'POST /login': ({ body }) => toPage({ 'set-cookie': session(new URLSearchParams(body).get('username') ?? '') }),
    'GET /logout': () => toPage({ 'set-cookie': session('') }),
    'GET /api/v1/products': () => ({ body: [PRODUCT] }),
    'GET /api/v1/products/:id': async (request) => json(await askDetails(request.parameters.id, request), 'product details'),
    'GET /api/v1/products/:id/reviews': async (request) => json(await askReviews(request.parameters.id, request), 'product reviews'),
    'GET /api/v1/products/:id/ratings': async (request) =>
      json(await ask('ratings', `/ratings/${request.parameters.id}`, request), 'product ratings'),
    'GET /static/bookstore.css': () => cached('text/css; charset=utf-8', style),
    'GET /static/cover.svg': () => cached('image/svg+xml', cover),
    'GET /static/favicon.svg': () => cached('image/svg+xml', favicon),
  });
}

/** The name given at the login. */
function userOf(request: Request): string | undefined {
  const cookie = /(?:^|;\s*)user=([^;]*)/.exec(request.headers.cookie ?? '')?.[1];
  return decode(cookie) || undefined;
}

function headersFor(request: Request): Record<string, string> {
  const user = userOf(request);
  return { ...forwardedHeaders(request.headers), ...(user && isHeaderValue(user) ? { 'end-user': user } : {}) };
}

const isHeaderValue = (text: string): boolean => /^[\x20-\x7e]+$/.test(text);

function decode(cookie = ''): string {
  try {
    return decodeURIComponent(cookie);
  } catch {
    return '';
  }
}

/** The session is the name itself: this shop has nothing to protect, and rules of the mesh can match the cookie. */
function session(user: string): string {
  const value = encodeURIComponent(user.trim().slice(0, 64));
  return `user=${value}; Path=/; HttpOnly; SameSite=Lax${value ? '' : '; Max-Age=0'}`;
}

function toPage(headers: Record<string, string> = {}): Answer {
  return { status: 302, headers: { ...headers, location: '/productpage' } };
}

function html(body: string): Answer {
  return { headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }, body };
}

function cached(type: string, body: string): Answer {
  return { headers: { 'content-type': type, 'cache-control': 'max-age=60' }, body };
}

function json(reply: Reply<unknown>, what: string): Answer {
  if (reply.ok) return { body: reply.value as object };
  return { status: reply.status, body: { error: `Sorry, ${what} are currently unavailable for this book.` } };
}

if (require.main === module) void run(productpage(), Number(process.env.PORT ?? 9080));
