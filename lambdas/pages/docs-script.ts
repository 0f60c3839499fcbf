/** What the page of the API's document does. */

/**
 * Everything from the document and from answers goes through `textContent`: nothing of it is taken for HTML. The key
 * is read from its field when a request is sent and is kept nowhere else.
 */
export const docsScript = `
'use strict';
const make = (parent, tag, { text, ...properties } = {}) => {
  const element = Object.assign(document.createElement(tag), properties);
  if (text) element.textContent = text;
  parent.append(element);
  return element;
};
// What stands between backticks is code.
const write = (parent, tag, text, className = '') => {
  const element = make(parent, tag, { className });
  text.split('\\x60').forEach((part, i) => make(element, i % 2 ? 'code' : 'span', { text: part }));
  return element;
};
const json = (value) => JSON.stringify(value, null, 2);
const pretty = (text) => {
  try { return json(JSON.parse(text)); } catch { return text; }
};
const block = (parent, text) => make(parent, 'pre', { text, tabIndex: 0 });
const folded = (parent, title) => {
  const element = make(parent, 'details');
  make(element, 'summary', { text: title });
  return element;
};

function boundsOf({ minimum, maximum, default: usual }) {
  const parts = [];
  if (minimum !== undefined && maximum !== undefined) parts.push(minimum + ' to ' + maximum);
  if (usual !== undefined) parts.push('usually ' + usual);
  return parts.join(', ');
}
function addField(form, { name, in: place, required, description, schema }) {
  const label = make(form, 'label');
  make(label, 'span', { text: name, className: 'name' });
  const hint = [required ? 'needed' : '', place === 'query' ? '' : place, description ?? '', boundsOf(schema)];
  write(label, 'span', hint.filter(Boolean).join(' · '), 'hint');
  if (schema.enum) {
    const select = make(label, 'select', { required });
    for (const choice of ['', ...schema.enum]) make(select, 'option', { value: choice, text: choice });
    return select;
  }
  const type = schema.type === 'integer' ? 'number' : 'text';
  const bounds = type === 'number' ? { min: schema.minimum ?? '', max: schema.maximum ?? '' } : {};
  return make(label, 'input', { type, required, autocomplete: 'off', spellcheck: false, ...bounds });
}

function requestOf(method, path, fields, body) {
  const query = new URLSearchParams();
  const headers = {};
  let address = path;
  for (const { name, place, input } of fields) {
    const value = input.value;
    if (value === '') continue;
    if (place === 'path') address = address.replace('{' + name + '}', encodeURIComponent(value));
    else if (place === 'query') query.set(name, value);
    // A browser sets it by itself, and lets no page do so.
    else if (name !== 'Origin') headers[name] = value;
  }
  if (body) headers['Content-Type'] = 'application/json';
  const search = query.size > 0 ? '?' + query : '';
  return { method, address: address + search, headers, body: body?.value };
}
const quoted = (text) => "'" + text.replaceAll("'", "'\\\\''") + "'";
function curlOf({ method, address, headers, body }, needsKey) {
  const parts = ['curl -i -X ' + method + ' ' + quoted(location.origin + address)];
  if (needsKey) parts.push('-H "Authorization: Bearer $KEY"');
  for (const [name, value] of Object.entries(headers)) parts.push('-H ' + quoted(name + ': ' + value));
  if (body !== undefined) parts.push('-d ' + quoted(body));
  return parts.join(' \\\\\\n  ');
}

async function send(request, needsKey, output) {
  const key = document.getElementById('key').value;
  const headers = { ...request.headers, ...(key && needsKey ? { Authorization: 'Bearer ' + key } : {}) };
  output.replaceChildren();
  const status = make(output, 'p', { className: 'status', text: 'Waiting for the answer …' });
  try {
    const { method, address, body } = request;
    const response = await fetch(address, { method, headers, body, cache: 'no-store', credentials: 'omit' });
    const text = await response.text();
    status.textContent = (response.status + ' ' + response.statusText).trim();
    status.classList.add(response.ok ? 'good' : 'bad');
    if (text) block(output, pretty(text));
    const lines = [...response.headers].map(([name, value]) => name + ': ' + value);
    block(folded(output, 'Headers of the answer'), lines.join('\\n'));
    block(folded(output, 'The same with curl'), curlOf(request, needsKey));
  } catch (error) {
    status.textContent = 'Not sent, or not answered: ' + error.message;
    status.classList.add('bad');
  }
}

function addTrial(parent, { method, path, operation, content, needsKey }) {
  const form = make(parent, 'form');
  const fields = operation.parameters.map((spec) => ({
    name: spec.name,
    place: spec.in,
    input: addField(form, spec),
  }));
  let body;
  if (content) {
    const label = make(form, 'label');
    make(label, 'span', { text: 'Body', className: 'name' });
    body = make(label, 'textarea', { spellcheck: false, value: json(content.example) });
  }
  if (method !== 'GET') make(form, 'p', { className: 'quiet', text: 'Not a rehearsal: it is carried out.' });
  const button = make(form, 'button', { text: 'Send' });
  const output = make(parent, 'div');
  output.setAttribute('role', 'status');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    await send(requestOf(method, path, fields, body), needsKey, output);
    button.disabled = false;
  });
}

function addOperation(parent, { method, path, operation, group }) {
  const whole = make(parent, 'details', { id: operation.operationId + '-' + method.toLowerCase() });
  const summary = make(whole, 'summary');
  make(summary, 'span', { text: method, className: 'method ' + method.toLowerCase() });
  make(summary, 'code', { text: path, className: 'path' });
  make(summary, 'span', { text: operation.summary });
  if (operation.description) write(whole, 'p', operation.description);
  const content = Object.values(operation.requestBody?.content ?? {})[0];
  const needsKey = group === 'key' || group === 'cron';
  if (group !== 'twilio' && method !== 'OPTIONS')
    addTrial(whole, { method, path, operation, content, needsKey });
  const list = make(folded(whole, 'Answers'), 'dl');
  for (const [status, answer] of Object.entries(operation.responses)) {
    make(list, 'dt', { text: status });
    make(list, 'dd', { text: answer.description });
  }
  if (content) block(folded(whole, 'Schema of the body'), json(content.schema));
}

const groups = {
  key: ['With a key', 'For programs. Put a key into the field above.'],
  none: ['Without a key', 'For web pages of allowed origins, and for anyone.'],
  cron: ['For the scheduler', 'Put the secret of scheduled jobs into the field above.'],
  twilio: ['For Twilio', 'Signed by the carrier: they cannot be tried from here.'],
};
function show(api) {
  const main = document.querySelector('main');
  main.replaceChildren();
  write(main, 'p', api.info.description);
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
      group: Object.keys(operation.security[0] ?? {})[0] ?? 'none',
    })));
  for (const [group, [title, about]] of Object.entries(groups)) {
    make(main, 'h2', { text: title });
    make(main, 'p', { text: about });
    for (const one of operations) if (one.group === group) addOperation(main, one);
  }
  const asked = location.hash && document.getElementById(location.hash.slice(1));
  if (asked) {
    asked.open = true;
    asked.scrollIntoView();
  }
}
fetch('/openapi.json')
  .then((response) => (response.ok ? response.json() : Promise.reject(new Error('status ' + response.status))))
  .then(show)
  .catch((error) => {
    document.querySelector('main').textContent =
      'The document could not be read (' + error.message + '). Load this page again in a moment.';
  });
`;
