import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ProviderError } from '#core/errors.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import type { CallRecord } from '#core/records/call-record.ts';
import { createCloseStaleCalls } from '#lambdas/jobs/close-stale-calls.ts';
import { createLambdaContext } from '#local/http/lambda-context.ts';
import { type TestFunctions, testFunctions } from '#tests/lambdas/functions.ts';
import { callEnding, callRecord, costEvent, turnRecord } from '#tests/support/calls.ts';
import { createInMemoryCallStore } from '#tests/support/in-memory-call-store.ts';
import { storeAway } from '#tests/support/store-away.ts';

interface Outcome {
  readonly closed: number;
  readonly failed: number;
}

function run({ load }: Pick<TestFunctions, 'load'>): Promise<Outcome> {
  const job = createCloseStaleCalls(load) as unknown as (event: object, context: object) => Promise<Outcome>;
  return job({}, createLambdaContext({ functionName: 'job', requestId: 'id', timeoutMs: 5_000 }));
}

const away = () => new ProviderError('away', { provider: 'dynamodb', failure: 'timeout' });

/** The clock of the functions stands at 12:00; calls count as lost after two minutes. */
const lost = (fields: Partial<CallRecord> = {}) =>
  callRecord({
    status: 'in-progress',
    role: 'judge',
    startedAt: '2026-11-21T11:50:00.000Z',
    aliveAt: '2026-11-21T11:55:30.000Z',
    ...fields,
  });

async function withCalls(...records: readonly CallRecord[]): Promise<TestFunctions> {
  const functions = testFunctions();
  for (const record of records) await functions.services.store.create(record);
  return functions;
}

const linesOf = ({ lines }: TestFunctions, msg: string) => lines.filter((line) => line.msg === msg);

describe('A call that nobody ended', () => {
  test('is closed as lost at its last sign of life, with the costs that were stored', async () => {
    const record = lost();
    const { callSid } = record;
    const functions = await withCalls(record);
    const { store } = functions.services;
    await store.putTurn(callSid, turnRecord(0));
    await store.putTurn(callSid, turnRecord(1));
    await store.putCostEvents([
      costEvent(callSid, 0, { usage: 200, costUsd: 0.01 }),
      costEvent(callSid, 1, {
        service: 'anthropic',
        operation: 'output-tokens',
        unit: 'token',
        usage: 50,
        costUsd: 0.002,
        model: 'claude-haiku-5-5',
      }),
    ]);

    const outcome = await run(functions);

    assert.deepEqual(outcome, { closed: 1, failed: 0 });
    const [summary] = linesOf(functions, 'cost.call.summary');
    assert.equal(summary?.['callSid'], callSid);
    assert.equal(summary?.['role'], 'judge');
    assert.equal(summary?.['outcome'], 'lost');
    assert.equal(summary?.['durationSecs'], 330);
    assert.equal(summary?.['turnCount'], 2);
    assert.equal(summary?.['ttsChars'], 200);
    assert.equal(summary?.['claudeOutputTokens'], 50);
    assert.equal(summary?.['estimatedCostUsd'], 0.012);
    assert.deepEqual(summary?.['costByService'], { anthropic: 0.002, 'elevenlabs-tts': 0.01 });
    const stored = await store.find(callSid);
    assert.deepEqual(
      [stored?.status, stored?.outcome, stored?.endedAt, stored?.costSummary?.estimatedCostUsd],
      ['completed', 'lost', record.aliveAt, 0.012],
    );
  });

  test('gets exactly one summary and one end, however often the job runs', async () => {
    const functions = await withCalls(lost(), lost());

    await Promise.all([run(functions), run(functions)]);
    await run(functions);

    assert.equal(linesOf(functions, 'cost.call.summary').length, 2);
    assert.equal(linesOf(functions, 'call.ended').length, 2);
    assert.equal(new Set(linesOf(functions, 'cost.call.summary').map((line) => line['callSid'])).size, 2);
    assert.deepEqual(functions.metrics, [
      ['CallsFailed', 1],
      ['CallsFailed', 1],
    ]);
  });

  test('gets no summary from the job when its own process ends it at the last moment', async () => {
    const record = lost();
    const functions = await withCalls(record);
    const { store } = functions.services;
    const racing: CallStore = {
      ...store,
      async costEvents(callSid) {
        await store.finish(callSid, callEnding());
        return store.costEvents(callSid);
      },
    };

    const outcome = await run({ load: async () => ({ ...functions.services, store: racing }) });

    assert.deepEqual(outcome, { closed: 0, failed: 0 });
    assert.deepEqual(functions.lines, []);
    assert.equal((await store.find(record.callSid))?.outcome, 'completed');
  });

  test('that was never answered is not counted as a failure', async () => {
    const functions = await withCalls(lost({ status: 'ringing' }), lost({ status: 'no-answer' }));

    await run(functions);

    assert.deepEqual(
      linesOf(functions, 'call.ended').map((line) => line['outcome']),
      ['not-answered', 'not-answered'],
    );
    assert.deepEqual(functions.metrics, []);
  });

  test('has the duration that the carrier measured, when it has told one', async () => {
    const functions = await withCalls(lost({ status: 'completed', durationSecs: 341 }));

    await run(functions);

    assert.equal(linesOf(functions, 'cost.call.summary')[0]?.['durationSecs'], 341);
  });

  test('without any cost event still gets its summary', async () => {
    const functions = await withCalls(lost());

    await run(functions);

    assert.equal(linesOf(functions, 'cost.call.summary')[0]?.['estimatedCostUsd'], 0);
  });
});

describe('A call that goes on', () => {
  test('is left alone until two minutes after its last sign of life', async () => {
    const functions = await withCalls(lost({ aliveAt: '2026-11-21T11:58:00.000Z' }));
    assert.deepEqual(await run(functions), { closed: 0, failed: 0 });

    await functions.clock.advance(1);

    assert.deepEqual(await run(functions), { closed: 1, failed: 0 });
  });

  test('and one that was ended properly get no line', async () => {
    const ended = lost();
    const functions = await withCalls(ended, lost({ aliveAt: '2026-11-21T11:59:59.000Z' }));
    await functions.services.store.finish(ended.callSid, callEnding());

    await run(functions);

    assert.deepEqual(functions.lines, []);
  });
});

describe('When the store is in trouble', () => {
  test('one call that cannot be closed does not keep the others open', async () => {
    const [bad, good] = [lost(), lost()];
    const store = createInMemoryCallStore({ now: () => new Date('2026-11-21T12:00:00Z') });
    for (const record of [bad, good]) await store.create(record);
    const failing: CallStore = {
      ...store,
      costEvents: (callSid) => (callSid === bad.callSid ? Promise.reject(away()) : store.costEvents(callSid)),
    };
    const functions = testFunctions({ services: { store: failing } });

    assert.deepEqual(await run(functions), { closed: 1, failed: 1 });
    assert.deepEqual(
      linesOf(functions, 'cost.call.summary').map((line) => line['callSid']),
      [good.callSid],
    );
    assert.equal(functions.lastLine('provider.failed')?.['callSid'], bad.callSid);
  });

  test('an end is written again with the same ending, and told once', async () => {
    const record = lost();
    const store = createInMemoryCallStore({ now: () => new Date('2026-11-21T12:00:00Z') });
    await store.create(record);
    const endings: unknown[] = [];
    const failing: CallStore = {
      ...store,
      async finish(callSid, ending) {
        endings.push(ending);
        if (endings.length < 3) throw away();
        return store.finish(callSid, ending);
      },
    };
    const functions = testFunctions({ services: { store: failing } });

    assert.deepEqual(await run(functions), { closed: 1, failed: 0 });
    assert.equal(new Set(endings).size, 1);
    assert.equal(linesOf(functions, 'cost.call.summary').length, 1);
  });

  test('the scheduler hears of it, and the lines are written', async () => {
    const functions = testFunctions({ services: { store: storeAway } });

    await assert.rejects(run(functions), ProviderError);
    assert.equal(functions.flushes(), 1);
  });
});
