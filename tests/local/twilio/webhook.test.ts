import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';
import { TwilioFailure } from '#local/twilio/failure.ts';
import { signatureOf } from '#local/twilio/signature.ts';
import { callWebhook } from '#local/twilio/webhook.ts';
import { type Application, authToken, startApplication, twiml } from './application.ts';

let app: Application;
before(async () => {
  app = await startApplication();
});
after(() => app.close());

const post = (path: string, params = {}) =>
  callWebhook({ authToken, url: `${app.url}${path}`, method: 'POST', params });

describe('a webhook of the simulated Twilio', () => {
  test('is signed as in the published example', () => {
    const params = {
      CallSid: 'CA1234567890ABCDE',
      Caller: '+14158675309',
      Digits: '1234',
      From: '+14158675309',
      To: '+18005551212',
    };

    assert.equal(
      signatureOf('12345', 'https://mycompany.com/myapp.php?foo=1&bar=2', params),
      'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
    );
  });

  test('carries a signature that the vendor’s validator accepts, and no other', async () => {
    app.on('/voice', twiml(''));
    const params = { CallSid: 'CA1', Name: 'Zoë & co', Empty: '' };

    await post('/voice?tenant=7&env=prod', params);

    const seen = app.asked.at(-1);
    const signature = String(seen?.headers['x-twilio-signature']);
    assert.deepEqual(seen?.params, params);
    const url = `${app.url}/voice?tenant=7&env=prod`;
    assert.equal(validateRequest(authToken, signature, url, { ...params }), true);
    assert.equal(validateRequest(authToken, signature, url, { ...params, Empty: 'x' }), false);
    assert.equal(validateRequest('another token', signature, url, { ...params }), false);
  });

  test('with GET has its parameters in the address and is signed with them there', async () => {
    app.on('/get', twiml(''));

    await callWebhook({ authToken, url: `${app.url}/get?a=1`, method: 'GET', params: { CallSid: 'CA1' } });

    const seen = app.asked.at(-1);
    assert.deepEqual(seen?.params, { a: '1', CallSid: 'CA1' });
    assert.equal(seen?.signed, true);
  });

  test('follows a redirect as a GET that has lost the parameters', async () => {
    app.on('/moved', { status: 302, location: '/new?x=1' });
    app.on('/new', twiml('<Hangup/>'));

    const answer = await post('/moved', { CallSid: 'CA1' });

    const seen = app.asked.at(-1);
    assert.deepEqual([seen?.method, seen?.path, seen?.params], ['GET', '/new', { x: '1' }]);
    assert.equal(seen?.signed, true);
    assert.match(answer.body, /Hangup/);
  });

  test('does not send the fragment that holds its own limits', async () => {
    app.on('/fragment', twiml(''));

    await post('/fragment#rc=0&ct=2000');

    assert.equal(app.asked.at(-1)?.signed, true);
  });

  test('is not repeated after an error of the application, unless the address asks for it', async () => {
    let failures = 0;
    app.on('/flaky', () => {
      failures += 1;
      return failures % 3 === 0 ? twiml('') : { status: 503 };
    });

    const once = await post('/flaky');
    failures = 0;
    const repeated = await post('/flaky#rp=5xx&rc=2');

    assert.equal(once.status, 503);
    assert.deepEqual([repeated.status, repeated.attempts], [200, 3]);
    const tokens = app.asked.slice(-3).map(({ headers }) => headers['i-twilio-idempotency-token']);
    assert.equal(new Set(tokens).size, 1);
    assert.notEqual(app.asked.at(-4)?.headers['i-twilio-idempotency-token'], tokens[0]);
  });

  test('gives up when nothing is listening, and when no answer comes within the limit', async () => {
    const silent = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const port = (silent.address() as AddressInfo).port;
    const ask = (url: string) => callWebhook({ authToken, url, method: 'POST', params: {} });
    const isFetchFailure = (error: unknown) => error instanceof TwilioFailure && error.code === 11_200;

    await assert.rejects(ask(`http://127.0.0.1:${port}/voice?secret=x#rt=100`), isFetchFailure);
    await assert.rejects(ask(`http://127.0.0.1:${port}/voice#tt=100`), isFetchFailure);
    await new Promise((resolve) => silent.close(resolve));
    await assert.rejects(ask(`http://127.0.0.1:${port}/voice`), (error: Error) => {
      assert.doesNotMatch(error.message, /secret/);
      return isFetchFailure(error);
    });
  });
});
