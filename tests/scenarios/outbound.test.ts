/** A client orders calls of the whole center, over real sockets, from a carrier as strict as the real one. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { currentDisclosure, disclosures } from '#core/consent/disclosures.ts';
import { webCallAnswerSchema } from '#core/http/browser.ts';
import { childEnvironment } from '#tests/support/child-environment.ts';
import { eventually, type RunningStack, startStack } from '#tests/support/running-stack.ts';

let running: RunningStack;
before(async () => {
  running = await startStack({ LOG_LEVEL: 'info' });
});
after(() => running.stop());

const headers = (extra: Readonly<Record<string, string>> = {}) => ({
  authorization: `Bearer ${running.stack.apiKey}`,
  'content-type': 'application/json',
  ...extra,
});
const order = (body: object, extra?: Readonly<Record<string, string>>) =>
  fetch(`${running.stack.httpUrl}/call/outbound`, {
    method: 'POST',
    headers: headers(extra),
    body: JSON.stringify(body),
  });

interface Shown {
  readonly status: string;
  readonly direction: string;
  readonly outcome?: string;
  readonly keyId?: string;
}

describe('An ordered call', () => {
  test('rings, is answered by the assistant, and ends with a record and one cost line', async () => {
    const answer = await order({ to: '+14155550100', role: 'advocate' }, { 'idempotency-key': 'order 1' });
    const { callSid } = (await answer.json()) as { callSid: string };

    const record = await eventually(async () => {
      const shown = await fetch(`${running.stack.httpUrl}/records/${callSid}`, { headers: headers() });
      const found = (await shown.json()) as Shown;
      return found.outcome === undefined ? undefined : found;
    }, 20_000);

    assert.equal(answer.status, 201);
    assert.deepEqual([record.direction, record.status, record.keyId], ['outbound', 'completed', 'outbound']);
    const summariesOf = () =>
      running.logLines().filter((line) => line['callSid'] === callSid && line['msg'] === 'cost.call.summary');
    const summaries = await eventually(() => {
      const found = summariesOf();
      return found.length > 0 ? found : undefined;
    }, 5_000);
    assert.equal(summaries.length, 1);
    assert.equal(summaries[0]?.['direction'], 'outbound');
    assert.equal(JSON.stringify(running.logLines()).includes('4155550100'), false);
  });

  test('is not placed again by the same request', async () => {
    const again = await order({ to: '+14155550100', role: 'advocate' }, { 'idempotency-key': 'order 1' });

    assert.equal(again.status, 201);
    assert.equal(again.headers.get('x-idempotent-replay'), 'true');
  });

  for (const [to, code, carrierCode] of [
    ['+15005550001', 'number_not_valid', '21211'],
    ['+15005550002', 'number_unreachable', '21214'],
    ['+15005550003', 'destination_not_allowed', '21215'],
    ['+15005550004', 'destination_not_allowed', '21216'],
  ] as const)
    test(`to a number that the carrier refuses with ${carrierCode} is told as ${code}`, async () => {
      const answer = await order({ to, role: 'parent' });

      const { error } = (await answer.json()) as { error: { code: string; carrierCode: string } };
      assert.deepEqual([answer.status, error.code, error.carrierCode], [400, code, carrierCode]);
    });
});

describe('A visitor of the web page', () => {
  test('registers, hears the greeting, hangs up, and has a record', async () => {
    const { httpUrl } = running.stack;
    const answer = await fetch(`${httpUrl}/web-call/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: httpUrl },
      body: JSON.stringify({ role: 'parent', visitorId: 'visitor-0123456789' }),
    });
    const registered = webCallAnswerSchema.parse(await answer.json());
    const socket = new WebSocket(registered.streamUrl, registered.protocols);
    await once(socket, 'open');
    socket.send(JSON.stringify(registered.start));
    const [message] = (await once(socket, 'message')) as [Buffer];
    socket.close();

    const record = await eventually(async () => {
      const shown = await fetch(`${httpUrl}/records/${registered.callSid}`, { headers: headers() });
      const found = (await shown.json()) as Shown;
      return found.outcome === undefined ? undefined : found;
    }, 10_000);

    assert.equal(answer.status, 201);
    assert.equal((JSON.parse(message.toString()) as { event: string }).event, 'media');
    assert.equal(record.direction, 'web');
  });
});

describe('An operator', () => {
  const run = (script: string, ...words: readonly string[]) =>
    spawnSync(process.execPath, [`scripts/${script}.ts`, ...words], {
      cwd: path.resolve(import.meta.dirname, '../..'),
      env: { ...childEnvironment, DATA_DIR: path.dirname(running.stack.logFile) },
      encoding: 'utf8',
    });

  test('blocks a number, which is then not called, and frees it again', async () => {
    const added = run('blocks', 'add', '+14155550177', '--reason', 'asked not to be called');
    const listed = run('blocks', 'list');
    const refused = await order({ to: '+14155550177', role: 'parent' });
    const removed = run('blocks', 'remove', '+14155550177');
    const none = run('blocks', 'list');

    assert.equal(added.stdout, '+1******0177 is blocked.\n', added.stderr);
    assert.match(listed.stdout, /^\+1\*{6}0177 {2}until removed {2}\S+ {2}asked not to be called\n$/);
    assert.equal(refused.status, 400);
    assert.equal(removed.status, 0);
    assert.equal(none.stdout, '');
  });

  test('finds and exports what was agreed to', async () => {
    const { httpUrl } = running.stack;
    const disclosureText = disclosures[currentDisclosure];
    const agreed = await fetch(`${httpUrl}/api/consent`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: httpUrl, 'user-agent': '=cmd()' },
      body: JSON.stringify({
        phone: '+14155550188',
        consent: true,
        disclosureVersion: currentDisclosure,
        disclosureText,
      }),
    });
    const found = run('consents', 'find', '+14155550188');
    const exported = run('consents', 'export', '--csv');

    assert.equal(agreed.status, 201);
    assert.equal((JSON.parse(found.stdout) as { disclosureText: string }).disclosureText, disclosureText);
    assert.equal(exported.stdout.trim().split('\n').length, 2);
    assert.match(exported.stdout, /"'=cmd\(\)"/);
    assert.equal(exported.stdout.includes('4155550188'), false);
  });
});

test('the document and its page are served, the page with nothing from elsewhere', async () => {
  const document = await fetch(`${running.stack.httpUrl}/openapi.json`);
  const page = await fetch(`${running.stack.httpUrl}/docs`);

  assert.equal(((await document.json()) as { openapi: string }).openapi, '3.1.0');
  assert.equal(page.status, 200);
  assert.match(page.headers.get('content-security-policy') ?? '', /^default-src 'none'/);
  assert.doesNotMatch(await page.text(), /https?:\/\//);
});
