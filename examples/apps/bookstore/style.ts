export const style = /* css */ `
:root {
  --paper: #fbf7f0; --ink: #2a2522; --soft: #6d625a; --line: #e6dccd; --card: #fffdf9; --accent: #b3402f;
  --serif: 'Iowan Old Style', 'Palatino Linotype', Palatino, 'Book Antiqua', Georgia, serif;
  --sans: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #1c1a1f; --ink: #ece5dc; --soft: #a79d93; --line: #3a353a; --card: #26232a; --accent: #e5745f; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 17px/1.6 var(--sans); min-height: 100vh; display: flex; flex-direction: column; }
a { color: var(--accent); }
.bar { display: flex; flex-wrap: wrap; gap: .75rem 2rem; align-items: center; justify-content: space-between;
  padding: .8rem max(1.25rem, calc(50vw - 30rem)); border-bottom: 1px solid var(--line); background: var(--card); }
.brand { display: flex; align-items: center; gap: .65rem; font: 600 1.25rem/1 var(--serif); color: var(--ink); text-decoration: none; }
.account { display: flex; align-items: center; gap: .6rem; margin: 0; font-size: .9rem; color: var(--soft); }
.account strong { color: var(--ink); }
.account input { width: 9rem; padding: .4rem .65rem; border: 1px solid var(--line); border-radius: 8px; background: var(--paper); color: inherit; font: inherit; }
.button { padding: .4rem .9rem; border: 1px solid var(--accent); border-radius: 8px; background: none; color: var(--accent); font: 600 .9rem/1.4 var(--sans);
  text-decoration: none; cursor: pointer; }
.button:hover, button.button { background: var(--accent); color: var(--card); }
:focus-visible { outline: 3px solid color-mix(in srgb, var(--accent) 45%, transparent); outline-offset: 2px; }
main { flex: 1; width: min(60rem, 100% - 2.5rem); margin: 3rem auto; }
.book { display: grid; grid-template-columns: 15rem 1fr; gap: 3rem; align-items: start; }
.cover { width: 100%; height: auto; border-radius: 6px; box-shadow: 0 1px 2px #0004, 0 18px 40px -12px #0007; }
h1 { margin: 0 0 .75rem; font: 600 clamp(2rem, 5vw, 3rem)/1.1 var(--serif); letter-spacing: -.01em; text-wrap: balance; }
h2 { margin: 0 0 1.25rem; font: 600 1.5rem/1.2 var(--serif); }
.summary { margin: 0 0 1.75rem; max-width: 38em; color: var(--soft); }
.details { display: grid; grid-template-columns: repeat(4, 1fr); gap: 1.1rem 1.5rem; margin: 0; padding: 1.25rem 0; border-block: 1px solid var(--line); }
.details dt { font-size: .72rem; letter-spacing: .08em; text-transform: uppercase; color: var(--soft); }
.details dd { margin: 0; font-size: .98rem; overflow-wrap: anywhere; }
.reviews { margin-top: 3.5rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1.5rem; }
.card { display: flex; flex-direction: column; gap: .6rem; padding: 1.5rem 1.6rem; border: 1px solid var(--line); border-radius: 14px; background: var(--card); }
blockquote { flex: 1; margin: 0; font: 1.1rem/1.55 var(--serif); }
.reviewer { margin: 0; font-size: .88rem; color: var(--soft); }
.reviewer::before { content: '— '; }
.stars { margin: 0; font-size: 1.35rem; line-height: 1; letter-spacing: .12em; }
.stars.black { color: var(--ink); }
.stars.red { color: #d2352b; }
.stars span { opacity: .18; }
.unrated { align-self: start; margin: 0; padding: .15rem .6rem; border-radius: 6px; background: color-mix(in srgb, var(--soft) 14%, transparent); font-size: .85rem; color: var(--soft); }
.notice { margin: 0; padding: 1rem 1.25rem; border-left: 4px solid var(--accent); border-radius: 8px; background: color-mix(in srgb, var(--accent) 9%, transparent); }
footer { padding: 1.1rem max(1.25rem, calc(50vw - 30rem)); border-top: 1px solid var(--line); font-size: .82rem; color: var(--soft); }
.pod { display: inline-block; margin: .15rem .3rem; padding: .1rem .6rem; border: 1px solid var(--line); border-radius: 999px; font-family: ui-monospace, Menlo, Consolas, monospace; }
.pod b { font-weight: 600; color: var(--ink); }
@media (max-width: 46rem) {
  .book { grid-template-columns: 1fr; gap: 2rem; }
  .cover { width: 11rem; }
  .details { grid-template-columns: repeat(2, 1fr); }
}
`;
