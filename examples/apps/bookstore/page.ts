import { PRODUCT } from './product';
import type { Details } from '../details';
import type { Review, Reviews } from '../reviews';
import type { Reply } from '../web/client';

export interface BookPage {
  readonly details: Reply<Details>;
  readonly reviews: Reply<Reviews>;
  readonly user?: string;
  readonly servedBy: string;
}

/** The whole page. Everything that comes from outside is escaped. */
export function bookPage(page: BookPage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Simple Bookstore App</title>
<link rel="icon" href="/static/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/bookstore.css">
</head>
<body>
<header class="bar">
  <a class="brand" href="/productpage"><img src="/static/favicon.svg" alt="" width="28" height="28">Simple Bookstore App</a>
  ${account(page.user)}
</header>
<main>
  <section class="book">
    <img class="cover" src="/static/cover.svg" alt="Cover of ${PRODUCT.title}" width="280" height="400">
    <div>
      <h1>${PRODUCT.title}</h1>
      <p class="summary">${PRODUCT.descriptionHtml}</p>
      ${bookDetails(page.details)}
    </div>
  </section>
  <section class="reviews">
    <h2>What readers say</h2>
    ${bookReviews(page.reviews)}
  </section>
</main>
<footer>${answeredBy(page)}</footer>
</body>
</html>
`;
}

function account(user?: string): string {
  if (user) return `<p class="account"><span>Signed in as <strong>${escaped(user)}</strong></span> <a class="button" href="/logout">Sign out</a></p>`;
  return `<form class="account" action="/login" method="post">
    <label for="username">User name</label>
    <input id="username" name="username" placeholder="jason" autocomplete="username" maxlength="64" required>
    <button class="button" type="submit">Sign in</button>
  </form>`;
}

function bookDetails(details: Reply<Details>): string {
  if (!details.ok) return notice('Error fetching product details!', 'Sorry, product details are currently unavailable for this book.');
  const { value } = details;
  const rows: [string, string | number][] = [
    ['Author', value.author], ['Year', value.year], ['Type', value.type], ['Pages', value.pages],
    ['Publisher', value.publisher], ['Language', value.language], ['ISBN-10', value['ISBN-10']], ['ISBN-13', value['ISBN-13']],
  ];
  return `<dl class="details">${rows.map(([name, text]) => `<div><dt>${name}</dt><dd>${escaped(String(text))}</dd></div>`).join('')}</dl>`;
}

function bookReviews(reviews: Reply<Reviews>): string {
  if (!reviews.ok) return notice('Error fetching product reviews!', 'Sorry, product reviews are currently unavailable for this book.');
  return `<div class="cards">${reviews.value.reviews.map(card).join('')}</div>`;
}

function card(review: Review): string {
  return `<article class="card">${stars(review.rating)}
      <blockquote>${escaped(review.text)}</blockquote>
      <p class="reviewer">${escaped(review.reviewer)}</p></article>`;
}

function stars(rating: Review['rating']): string {
  if (!rating) return '';
  if ('error' in rating) return `<p class="unrated">${escaped(rating.error)}</p>`;
  const given = Math.min(5, Math.max(0, Math.round(rating.stars)));
  const color = rating.color === 'red' ? 'red' : 'black';
  return `<p class="stars ${color}" role="img" aria-label="${given} of 5 ${color} stars">${'★'.repeat(given)}<span>${'★'.repeat(5 - given)}</span></p>`;
}

function answeredBy({ servedBy, reviews }: BookPage): string {
  const pods = [['page', servedBy]];
  if (reviews.ok) pods.push([`reviews ${reviews.value.version}`, reviews.value.podname]);
  return `Answered by ${pods.map(([what, pod]) => `<span class="pod"><b>${escaped(what)}</b> ${escaped(pod)}</span>`).join(' ')}`;
}

function notice(what: string, text: string): string {
  return `<p class="notice" role="status"><strong>${what}</strong> ${text}</p>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
