/** How the page of the API's document looks: light and dark, wide and narrow. */
export const docsStyle = `
:root {
  color-scheme: light dark;
  --line: light-dark(#d5d9e0, #3a414c);
  --quiet: light-dark(#59616e, #a3adbb);
  --back: light-dark(#ffffff, #14171c);
  --raised: light-dark(#f6f7f9, #1c2027);
  --accent: light-dark(#0b57d0, #8ab4f8);
  --good: light-dark(#146c2e, #7dd695);
  --bad: light-dark(#b3261e, #f2a7a1);
  font: 16px/1.5 system-ui, sans-serif;
  background: var(--back);
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; overflow-wrap: anywhere; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .25rem; }
h2 + p, .quiet { color: var(--quiet); margin: 0 0 .5rem; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
code, pre, textarea, .value { font-family: ui-monospace, monospace; font-size: .9em; }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; }
details > :not(summary) { margin-inline: 1rem; }
details > :last-child:not(summary) { margin-bottom: 1rem; }
summary { cursor: pointer; padding: .6rem 1rem; }
summary > * { vertical-align: baseline; }
details[open] > summary { background: var(--raised); border-radius: .5rem .5rem 0 0; }
.method {
  border: 1px solid currentColor; border-radius: .25rem; display: inline-block; font-size: .75rem; font-weight: 700;
  margin-right: .5rem; min-width: 5rem; padding: 0 .35rem; text-align: center;
}
.get { color: var(--accent); }
.post { color: var(--good); }
.delete { color: var(--bad); }
.options { color: var(--quiet); }
.path { font-weight: 600; margin-right: .5rem; }
label { display: block; margin: .75rem 0 0; }
label .name { font-weight: 600; }
label .hint { color: var(--quiet); display: block; font-size: .875rem; }
input, select, textarea {
  background: var(--back); border: 1px solid light-dark(#767d89, #7b8594); border-radius: .35rem; color: inherit;
  font: inherit; padding: .35rem .5rem; width: 100%;
}
textarea { font-family: ui-monospace, monospace; font-size: .9em; min-height: 11rem; }
button {
  background: var(--accent); border: 0; border-radius: .35rem; color: var(--back); cursor: pointer; font: inherit;
  font-weight: 600; margin: .75rem 0; padding: .4rem 1.25rem;
}
button:disabled { cursor: progress; opacity: .6; }
pre { background: var(--raised); border-radius: .35rem; margin: .5rem 0; max-height: 32rem; overflow: auto; padding: .75rem; }
.status { font-weight: 700; margin: .5rem 0 0; }
.good { color: var(--good); }
.bad { color: var(--bad); }
dl { display: grid; gap: .25rem 1rem; grid-template-columns: max-content 1fr; }
dt { font-weight: 600; }
dd { margin: 0; }
@media (max-width: 36rem) {
  summary > span:last-child { display: block; }
}
`;
