import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ProviderError } from '#core/errors.ts';
import { type CallSid, callSidSchema } from '#core/ids.ts';
import { createCallStatus } from '#lambdas/http/call-status.ts';
import { invoke, type TestFunctions, testFunctions, webhookEvent } from '#tests/lambdas/functions.ts';
import { callEnding, turnRecord } from '#tests/support/calls.ts';

import { callSid, params, ring } from './ringing.ts';

describe('A blocked caller', () => {
  const blocking = () => {
    const functions = testFunctions();
    functions.blocked.add(functions.services.hashNumber('+14155550100'));
    return functions;
  };

  test('hears a sentence and is hung up, with a hidden number too', async () => {
    const functions = testFunctions();
    functions.blocked.add(functions.services.hashNumber('anonymous'));

    const answer = await ring(functions, { params: { ...params, From: 'anonymous' } });

    assert.match(answer.body, /<Hangup\/>/);
    assert.doesNotMatch(answer.body, /<Stream/);
  });

  test('hears a sentence and is hung up', async () => {
    const answer = await ring(blocking());

    assert.equal(answer.status, 200);
    assert.match(
      answer.body,
      /<Say[^>]*>I&apos;m sorry, we can&apos;t take this call\.|<Say[^>]*>I'm sorry, we can't take this call\./,
    );
    assert.match(answer.body, /<Hangup\/>/);
    assert.doesNotMatch(answer.body, /<Stream/);
  });

  test('is counted and told by hash, and has a record and a summary of what the refusal cost', async () => {
    const functions = blocking();

    await ring(functions);

    assert.deepEqual(functions.lastLine('limit.hit'), {
      level: 'info',
      msg: 'limit.hit',
      limit: 'block-list',
      callSid,
      callerHash: functions.services.hashNumber('+14155550100'),
    });
    assert.deepEqual(functions.metrics[0], ['CallsRefused', 1]);
    const { outcome, costSummary } = (await functions.services.store.find(callSid)) ?? {};
    assert.deepEqual([outcome, costSummary?.costByService], ['refused', { twilio: 0.022 }]);
    assert.equal(functions.lastLine('cost.call.summary')?.['estimatedCostUsd'], 0.022);
  });
});

describe('A caller who calls again and again', () => {
  /** Calls of one caller, each with a CallSid of its own. */
  async function calls(functions: TestFunctions, count: number, fields: Partial<typeof params> = {}) {
    const answers = [];
    for (let i = 0; i < count; i += 1) {
      const sid = `CA${String(i + 1).padStart(32, '0')}`;
      answers.push(await ring(functions, { params: { ...params, ...fields, CallSid: sid } }));
    }
    return answers.map(({ body }) => body);
  }

  test('is answered ten times in an hour, and then hears where help is and when to come back', async () => {
    const functions = testFunctions();

    const bodies = await calls(functions, 11);

    assert.equal(bodies.filter((body) => body.includes('<Stream')).length, 10);
    assert.match(bodies[10] ?? '', /nine one one.*nine eight eight.*call again in about an hour/);
    const hit = functions.lastLine('limit.hit');
    assert.deepEqual(
      [hit?.['limit'], hit?.['callerHash']],
      ['inbound-per-caller', functions.services.hashNumber('+14155550100')],
    );
    assert.equal(typeof hit?.['retryAfterSeconds'], 'number');
  });

  test('is answered more often on a number that says so', async () => {
    const map = JSON.stringify({ '+18005550199': { callerCallsPerHour: 1_000 } });
    const functions = testFunctions({ variables: { INBOUND_PHONE_MAP: map } });

    const bodies = await calls(functions, 50);

    assert.ok(bodies.every((body) => body.includes('<Stream')));
  });

  test('takes no place of the stage from others once they are over their own limit', async () => {
    const functions = testFunctions({ variables: { CALLS_PER_MINUTE_MAX: '12' } });

    await calls(functions, 30);
    const other = await ring(functions, {
      params: { ...params, From: '+14155550111', CallSid: `CA${'2'.repeat(32)}` },
    });

    assert.match(other.body, /<Stream/);
  });

  test('keeps the call that was answered when its webhook comes again after the limit', async () => {
    const functions = testFunctions();
    await calls(functions, 11);

    const tenth = await ring(functions, { params: { ...params, CallSid: `CA${'10'.padStart(32, '0')}` } });
    const eleventh = await ring(functions, { params: { ...params, CallSid: `CA${'11'.padStart(32, '0')}` } });

    assert.match(tenth.body, /<Stream/);
    assert.doesNotMatch(eleventh.body, /<Stream/);
  });

  test('is not held to be a nuisance for having been refused', async () => {
    const functions = testFunctions({ variables: { INBOUND_CALLS_PER_CALLER_PER_HOUR: '1' } });
    await calls(functions, 2);

    const over = { CallSid: `CA${'2'.padStart(32, '0')}`, CallStatus: 'completed', CallDuration: '12' };
    await invoke(
      createCallStatus(functions.load),
      webhookEvent({ path: '/call/status', params: { ...params, ...over } }),
    );

    const conduct = await functions.services.conducts.find(functions.services.hashNumber(params.From));
    assert.equal(conduct, undefined);
  });

  test('without a number is not told from others who hide theirs, and is answered', async () => {
    const bodies = await calls(testFunctions(), 50, { From: 'anonymous' });

    assert.ok(bodies.every((body) => body.includes('<Stream')));
  });

  test('counts once for a webhook that is repeated', async () => {
    const functions = testFunctions();
    for (let i = 0; i < 20; i += 1) await ring(functions);

    assert.match((await ring(functions)).body, /<Stream/);
  });

  /** Calls of one caller that are dropped after seven seconds. @returns which of them were answered. */
  async function dropCalls(functions: TestFunctions, closeRecord: (sid: CallSid) => Promise<unknown>) {
    const outcomes = [];
    for (let i = 0; i < 9; i += 1) {
      await functions.clock.advance(400_000);
      const CallSid = callSidSchema.parse(`CA${String(i + 1).padStart(32, '0')}`);
      const answer = await ring(functions, { params: { ...params, CallSid } });
      outcomes.push(answer.body.includes('<Stream'));
      await functions.clock.advance(7_000);
      await closeRecord(CallSid);
      const over = { ...params, CallSid, CallStatus: 'completed', CallDuration: '7' };
      const told = webhookEvent({ path: '/call/status', params: over });
      for (let n = 0; n < 2; n += 1) await invoke(createCallStatus(functions.load), told);
    }
    return outcomes;
  }

  for (const [when, closes] of [
    ['after the carrier has told of its end', false],
    ['before the carrier tells of its end', true],
  ] as const)
    test(`and drops each call is turned away for an hour in the end, its record closed ${when}`, async () => {
      const functions = testFunctions();
      const { store } = functions.services;

      const outcomes = await dropCalls(functions, async (sid) => closes && store.finish(sid, callEnding()));

      // Three are suspicious, three more are abuse; a quarter of an hour holds two of a suspicious caller's calls.
      assert.deepEqual(outcomes.slice(0, 5), [true, true, true, true, true]);
      assert.equal(outcomes.at(-1), false);
      assert.equal(functions.lastLine('limit.hit')?.['limit'], 'conduct');
    });

  for (const [who, turns, isSuspected] of [
    ['of whom not a word was heard is suspected', [turnRecord(1)], true],
    ['who spoke is not', [turnRecord(1), turnRecord(2)], false],
  ] as const)
    test(`in a call of a minute ${who}`, async () => {
      const functions = testFunctions();
      const { store, conducts, hashNumber } = functions.services;
      await ring(functions);
      for (const turn of turns) await store.putTurn(callSid, turn);
      await store.finish(callSid, callEnding());

      const over = { ...params, CallStatus: 'completed', CallDuration: '60' };
      await invoke(createCallStatus(functions.load), webhookEvent({ path: '/call/status', params: over }));

      const conduct = await conducts.find(hashNumber(params.From));
      assert.equal(conduct?.suspiciousUntilMs !== undefined, isSuspected);
    });
});

describe('A caller whose budget is used up', () => {
  const takenToday = ({ services }: TestFunctions) => {
    const callerHash = services.hashNumber(params.From);
    return services.budgets.taken(services.budgetGuard.accounts({ callerHash }));
  };

  test('hears a sentence, while another caller is answered, and the alert is raised once', async () => {
    const functions = testFunctions({ variables: { BUDGETS: '{"caller":{"dayUsd":0.12}}' } });

    const answers = [];
    for (let i = 1; i <= 4; i += 1) {
      const CallSid = `CA${String(i).padStart(32, '0')}`;
      answers.push((await ring(functions, { params: { ...params, CallSid } })).body.includes('<Stream'));
    }
    const other = await ring(functions, { params: { ...params, From: '+14155550111' } });

    assert.deepEqual(answers, [true, true, false, false]);
    assert.match(other.body, /<Stream/);
    assert.equal(functions.lastLine('limit.hit')?.['limit'], 'budget:caller');
    const alerts = functions.lines.filter(({ msg }) => msg === 'cost.alert');
    assert.deepEqual(
      alerts.map(({ threshold }) => threshold),
      [0.8, 0.95, 1],
    );
  });

  test('pays once for a webhook that is repeated', async () => {
    const functions = testFunctions({ variables: { BUDGETS: '{"caller":{"dayUsd":0.12}}' } });

    const answers = [];
    for (let i = 0; i < 5; i += 1) answers.push((await ring(functions)).body.includes('<Stream'));

    assert.deepEqual(answers, [true, true, true, true, true]);
    assert.deepEqual(await takenToday(functions), [0.05]);
  });

  test('gets back what was taken for a webhook that is repeated with a hidden number', async () => {
    const functions = testFunctions({ variables: { BUDGETS: '{"stage":{"dayUsd":5}}' } });
    const hidden = { params: { ...params, From: 'anonymous' } };

    const answers = [await ring(functions, hidden), await ring(functions, hidden)];

    assert.ok(answers.every(({ body }) => body.includes('<Stream')));
    assert.deepEqual(await takenToday(functions), [0.05]);
  });

  test('gets back what was taken for a call that a limit of the stage refuses', async () => {
    const functions = testFunctions({
      variables: { BUDGETS: '{"caller":{"dayUsd":5}}', CALLS_PER_MINUTE_MAX: '1' },
    });
    await ring(functions);

    const CallSid = `CA${'1'.repeat(32)}`;
    const refused = await ring(functions, { params: { ...params, CallSid } });

    assert.doesNotMatch(refused.body, /<Stream/);
    assert.deepEqual(await takenToday(functions), [0.05]);
    const { outcome, endedAt } = (await functions.services.store.find(callSidSchema.parse(CallSid))) ?? {};
    assert.equal(outcome, 'refused');
    assert.ok(endedAt);
  });

  test('is answered when the budgets cannot be read', async () => {
    const away = async () =>
      Promise.reject(new ProviderError('Away', { provider: 'dynamodb', failure: 'timeout' }));
    const functions = testFunctions({
      variables: { BUDGETS: '{"stage":{"dayUsd":1}}' },
      services: { budgets: { take: away, adjust: away, taken: away } },
    });

    assert.match((await ring(functions)).body, /<Stream/);
  });
});
