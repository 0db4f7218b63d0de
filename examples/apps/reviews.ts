// reviews: what readers say. v1 shows no stars; v2 asks ratings and shows black ones; v3 shows red ones and does not wait as long for them.
//   node reviews.js v2
import { get, serviceUrl, type Service } from './web/client';
import { WebServer, run } from './web/server';
import { forwardedHeaders } from './web/trace-headers';

export type ReviewsVersion = 'v1' | 'v2' | 'v3';

/** `GET /reviews/0` */
export interface Reviews {
  readonly id: string;
  readonly podname: string;
  readonly version: ReviewsVersion;
  readonly reviews: readonly Review[];
}

export interface Review {
  readonly reviewer: string;
  readonly text: string;
  /** Without it, this version knows no stars. */
  readonly rating?: { readonly stars: number; readonly color: string } | { readonly error: string };
}

const OPINIONS: readonly Review[] = [
  { reviewer: 'Reviewer1', text: 'Two pairs of twins, one town, and nobody asks the obvious question. I laughed on every page.' },
  { reviewer: 'Reviewer2', text: 'Quick and clever, with every mistake in its right place. The other plays have more heart, but none has better timing.' },
];

const COLORS = { v1: undefined, v2: 'black', v3: 'red' } as const;
/** v2 has a bug: it waits for ratings longer than the product page waits for v2. */
const PATIENCE_MS = { v1: 0, v2: 10_000, v3: 2_500 } as const;

export function reviews(version: ReviewsVersion, ratings: Partial<Service> = {}): WebServer {
  const service: Service = { url: serviceUrl('ratings'), timeoutMs: PATIENCE_MS[version], ...ratings };
  return new WebServer({
    'GET /health': () => ({ body: { status: 'Reviews is healthy' } }),
    'GET /reviews/:id': async ({ headers, parameters: { id } }) => {
      const ratingOf = COLORS[version] ? await askRatings(service, id, headers, COLORS[version]) : () => undefined;
      const written = OPINIONS.map((review) => ({ ...review, rating: ratingOf(review.reviewer) }));
      return { body: { id, podname: process.env.HOSTNAME ?? 'localhost', version, reviews: written } satisfies Reviews };
    },
  });
}

type Incoming = Parameters<typeof forwardedHeaders>[0];

async function askRatings(service: Service, id: string, headers: Incoming, color: string): Promise<(reviewer: string) => Review['rating']> {
  const reply = await get<{ ratings: Record<string, number> }>(service, `/ratings/${encodeURIComponent(id)}`, forwardedHeaders(headers));
  if (!reply.ok) return () => ({ error: 'Ratings service is currently unavailable' });
  return (reviewer) => {
    const stars = reply.value.ratings[reviewer];
    return stars === undefined ? undefined : { stars, color };
  };
}

if (require.main === module) {
  const version = process.argv[2] ?? 'v1';
  if (version !== 'v1' && version !== 'v2' && version !== 'v3') throw new Error(`reviews knows v1, v2 and v3, not ${version}`);
  void run(reviews(version), Number(process.env.PORT ?? 9080));
}
