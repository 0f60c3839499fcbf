import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createCallStatus } from '#lambdas/http/call-status.ts';
import type { Services } from '#lambdas/services.ts';
import {
  type Answer,
  invoke,
  keys,
  type TestFunctions,
  testFunctions,
  webhookEvent,
} from '#tests/lambdas/functions.ts';
import { storeAway } from '#tests/support/store-away.ts';

import { call, carrierError, codeOf, firstSid, lostDatabase, order, type Parts } from './orders.ts';

describe('An idempotency key', () => {
  test('gives the same answer again without a second call', async () => {
    const functions = testFunctions();

    const first = await call(functions, { idempotencyKey: 'order 1' });
    await functions.clock.advance(23 * 3_600_000);
    const second = await call(functions, {
      raw: '{"role":"advocate", "to":"+14155550100"}',
      idempotencyKey: 'order 1',
    });

    assert.deepEqual([first.status, second.status], [201, 201]);
    assert.equal(second.body, first.body);
    assert.deepEqual(
      [first.headers['x-idempotent-replay'], second.headers['x-idempotent-replay']],
      [undefined, 'true'],
    );
    assert.equal(second.headers['location'], first.headers['location']);
    assert.equal(functions.carrier.placed.length, 1);
  });

  test('is forgotten after a day', async () => {
    const functions = testFunctions();
    await call(functions, { idempotencyKey: 'order 1' });
    await functions.clock.advance(24 * 3_600_000);

    await call(functions, { idempotencyKey: 'order 1' });

    assert.equal(functions.carrier.placed.length, 2);
  });

  test('of two clients are two keys', async () => {
    const functions = testFunctions();
    await call(functions, { idempotencyKey: 'order 1' });

    await call(functions, { idempotencyKey: 'order 1', key: keys.everything });

    assert.equal(functions.carrier.placed.length, 2);
  });

  test('with another body is refused', async () => {
    const functions = testFunctions();
    await call(functions, { idempotencyKey: 'order 1' });

    const other = await call(functions, { idempotencyKey: 'order 1', body: { ...order, role: 'judge' } });

    assert.deepEqual([other.status, codeOf(other)], [422, 'idempotency_key_reused']);
  });

  test('replays a mistake of the client with the id of the new request', async () => {
    const functions = testFunctions();
    const wrong = { ...order, to: '+19005550100' };

    const first = await call(functions, { idempotencyKey: 'order 1', body: wrong });
    const second = await call(functions, {
      idempotencyKey: 'order 1',
      body: wrong,
      headers: { 'x-request-id': 'second' },
    });

    assert.deepEqual([first.status, second.status], [400, 400]);
    assert.equal(second.headers['x-idempotent-replay'], 'true');
    assert.equal((second.json as { requestId: string }).requestId, 'second');
  });

  test('does not hold a failure of ours, nor one of the carrier, nor a limit', async () => {
    const functions = testFunctions();
    functions.carrier.next(carrierError('overloaded', '20429'));

    const failed = await call(functions, { idempotencyKey: 'order 1' });
    const again = await call(functions, { idempotencyKey: 'order 1' });

    assert.deepEqual([failed.status, again.status], [503, 201]);
    assert.equal(again.headers['x-idempotent-replay'], undefined);
  });

  for (const bad of ['', 'x'.repeat(257), 'clé', 'tab\tbed'])
    test(`of ${bad.length} characters, "${bad.slice(0, 8)}", is refused where it is not printable ASCII`, async () => {
      const functions = testFunctions();

      const answer = await call(functions, { idempotencyKey: bad });

      assert.equal(answer.status, 400);
      assert.equal(functions.carrier.placed.length, 0);
    });

  test('whose memory is away is refused rather than dialled twice', async () => {
    const away = async (): Promise<never> => {
      throw lostDatabase;
    };
    const functions = testFunctions({
      services: { idempotency: { begin: away, complete: away, release: away } },
    });

    const answer = await call(functions, { idempotencyKey: 'order 1' });

    assert.deepEqual([answer.status, codeOf(answer)], [503, 'service_unavailable']);
    assert.equal(answer.headers['retry-after'], '5');
    assert.equal(functions.carrier.placed.length, 0);
  });
});

describe('A call whose answer was lost on the way', () => {
  /** The handler waits between two looks; the clock is moved until it has answered. */
  async function patiently(functions: TestFunctions, parts: Parts): Promise<Answer> {
    let answered = false;
    const answer = call(functions, parts).finally(() => {
      answered = true;
    });
    while (!answered) {
      await new Promise(setImmediate);
      await functions.clock.advance(500);
    }
    return answer;
  }

  test('is found in the list of the carrier, and not dialled again', async () => {
    const functions = testFunctions();
    functions.carrier.next('lost');

    const answer = await patiently(functions, { idempotencyKey: 'order 1' });

    assert.equal(answer.status, 201);
    assert.equal((answer.json as { callSid: string }).callSid, firstSid);
    assert.equal(functions.carrier.placed.length, 1);
    assert.equal((await functions.services.store.find(firstSid))?.keyId, 'calling');
  });

  test('is not mistaken for one that another order has placed', async () => {
    const functions = testFunctions();
    await call(functions, { idempotencyKey: 'order 1' });
    functions.carrier.next({ did: 'unclear' });

    const answer = await patiently(functions, { idempotencyKey: 'order 2' });

    assert.deepEqual([answer.status, codeOf(answer)], [503, 'call_state_unknown']);
  });

  test('that no list shows yet is looked up again by the next request before anything is dialled', async () => {
    const functions = testFunctions();
    functions.carrier.next('lost');
    functions.carrier.showsCalls(false);
    const unknown = await patiently(functions, { idempotencyKey: 'order 1' });
    functions.carrier.showsCalls(true);

    const found = await patiently(functions, { idempotencyKey: 'order 1' });

    assert.deepEqual([unknown.status, found.status], [503, 201]);
    assert.equal(functions.carrier.placed.length, 1);
  });

  test('is known by its callback, which carries our reference', async () => {
    const functions = testFunctions();
    functions.carrier.next('lost');
    functions.carrier.showsCalls(false);
    await patiently(functions, { idempotencyKey: 'order 1' });
    const [placed] = functions.carrier.placed;
    const { pathname: path, search } = new URL(placed?.statusCallbackUrl ?? '');
    const params = { CallSid: firstSid, CallStatus: 'initiated', To: order.to, From: '+18005550199' };
    await invoke(createCallStatus(functions.load), webhookEvent({ path, query: search.slice(1), params }));

    const found = await patiently(functions, { idempotencyKey: 'order 1' });

    assert.equal(found.status, 201);
    assert.equal(functions.carrier.placed.length, 1);
  });

  test('that never came to be is dialled by the next request', async () => {
    const functions = testFunctions();
    functions.carrier.next({ did: 'unclear' });
    await patiently(functions, { idempotencyKey: 'order 1' });

    const placed = await patiently(functions, { idempotencyKey: 'order 1' });

    assert.equal(placed.status, 201);
    assert.equal(functions.carrier.placed.length, 1);
  });

  test('is answered even when the database is lost after the call was placed', async () => {
    const functions = testFunctions();
    const plans = functions.services.outboundPlans;
    const services: Partial<Services> = {
      store: storeAway,
      outboundPlans: {
        ...plans,
        noteCall: async () => {
          throw lostDatabase;
        },
      },
    };
    const losing = testFunctions({ services });

    const answer = await call(losing, { idempotencyKey: 'order 1' });

    assert.equal(answer.status, 201);
    assert.equal(losing.carrier.placed.length, 1);
  });
});
