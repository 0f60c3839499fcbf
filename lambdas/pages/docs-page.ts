/** The page that shows the API's document and lets it be tried: one file, nothing from elsewhere. */
import { createHash } from 'node:crypto';

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; }
details { border: 1px solid #8886; border-radius: .5rem; margin: .5rem 0; padding: .5rem 1rem; }
summary { cursor: pointer; }
summary code { font-weight: 600; }
label { display: block; margin: .5rem 0 0; }
input, textarea { box-sizing: border-box; font: inherit; padding: .25rem .5rem; width: 100%; }
textarea { font-family: ui-monospace, monospace; min-height: 7rem; }
button { font: inherit; margin: .75rem 0; padding: .25rem 1rem; }
pre { background: #8882; overflow: auto; padding: .5rem; }
`;

/** Everything from the document goes through textContent: nothing of it is taken for HTML. */
const script = `
'use strict';
const make = (tag, text, parent) => {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  parent.append(element);
  return element;
};
const field = (parent, name, tag = 'input') => {
  const label = make('label', name, parent);
  return make(tag, '', label);
};
async function send(method, path, inputs, body, output) {
  const query = new URLSearchParams();
  const headers = {};
  let address = path;
  for (const { spec, input } of inputs) {
    if (input.value === '') continue;
    if (spec.in === 'path') address = address.replace('{' + spec.name + '}', encodeURIComponent(input.value));
    else if (spec.in === 'query') query.set(spec.name, input.value);
    else if (spec.name !== 'Origin') headers[spec.name] = input.value;
  }
  const key = document.getElementById('key').value;
  if (key) headers.authorization = 'Bearer ' + key;
  if (body) headers['content-type'] = 'application/json';
  output.textContent = '…';
  try {
    const search = query.size > 0 ? '?' + query : '';
    const response = await fetch(address + search, { method, headers, body: body?.value });
    const text = await response.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch {}
    output.textContent = response.status + ' ' + response.statusText + '\\n' +
      [...response.headers].map(([name, value]) => name + ': ' + value).join('\\n') + '\\n\\n' + shown;
  } catch (error) {
    output.textContent = String(error);
  }
}
function show(parent, method, path, operation) {
  const block = make('details', '', parent);
  const summary = make('summary', '', block);
  make('code', method.toUpperCase() + ' ' + path, summary);
  make('span', ' ' + operation.summary, summary);
  if (operation.description) make('p', operation.description, block);
  const isWebhook = operation.security.some((one) => 'twilio' in one);
  const inputs = operation.parameters.map((spec) => ({
    spec,
    input: field(block, spec.name + ' (' + spec.in + (spec.required ? ', required' : '') + ') ' + (spec.description ?? '')),
  }));
  const content = Object.values(operation.requestBody?.content ?? {})[0];
  const body = content && !isWebhook ? field(block, 'Body', 'textarea') : undefined;
  if (body) body.value = JSON.stringify(content.example, null, 2);
  if (!isWebhook && method !== 'options') {
    const button = make('button', 'Send', block);
    const output = make('pre', '', block);
    button.addEventListener('click', () => void send(method.toUpperCase(), path, inputs, body, output));
  }
  const answers = make('details', '', block);
  make('summary', 'Answers', answers);
  for (const [status, answer] of Object.entries(operation.responses))
    make('p', status + ': ' + answer.description, answers);
  if (content) {
    const shape = make('details', '', block);
    make('summary', 'Schema of the body', shape);
    make('pre', JSON.stringify(content.schema, null, 2), shape);
  }
}
fetch('/openapi.json').then((response) => response.json()).then((api) => {
  const main = document.querySelector('main');
  make('p', api.info.description, main);
  for (const [path, operations] of Object.entries(api.paths))
    for (const [method, operation] of Object.entries(operations)) show(main, method, path, operation);
});
`;

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

export const docsPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The voice center: API</title>
<style>${style}</style>
</head>
<body>
<h1>The voice center: API</h1>
<p>The whole document: <a href="/openapi.json">openapi.json</a>. A key stays in this page.</p>
<label>Key <input id="key" type="password" autocomplete="off" spellcheck="false"></label>
<main></main>
<script>${script}</script>
</body>
</html>
`;

/** What a page of ours may do: its own style and script, questions to its own origin, nothing else. */
export const docsPageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-frame-options': 'DENY',
};
