import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ProviderError } from '#core/errors.ts';
import { circuitLimits, createCircuit } from '#core/rate-limits/circuit.ts';
import { createGuardedLimiter } from '#core/rate-limits/guarded-limiter.ts';
import { createLocalLimiter } from '#core/rate-limits/local-limiter.ts';
import type { RateDecision, RateRule } from '#core/rate-limits/sliding-window.ts';

const perMinute: RateRule = { name: 'test', windows: [{ seconds: 60, max: 30 }] };
const away = new ProviderError('The database failed', { provider: 'dynamodb', failure: 'unavailable' });
const startMs = 1_700_000_040_000;

/** A limiter whose shared counter fails, stalls and comes back as the test says. */
function guarded() {
  let nowMs = startMs;
  let how: 'answers' | 'fails' | 'stalls' = 'answers';
  let asked = 0;
  const told: string[] = [];
  const waiting: ((how: 'answers' | 'fails') => void)[] = [];
  const shared = createLocalLimiter(() => nowMs);
  const limiter = createGuardedLimiter({
    local: createLocalLimiter(() => nowMs),
    shared: {
      take: async (rule, subject) => {
        asked += 1;
        const end = how === 'stalls' ? await new Promise((resolve) => waiting.push(resolve)) : how;
        if (end === 'fails') throw away;
        return shared.take(rule, subject);
      },
    },
    circuit: createCircuit({
      nowMs: () => nowMs,
      onFailure: () => told.push('failed'),
      onOpened: () => told.push('opened'),
      onClosed: () => told.push('closed'),
    }),
  });
  return {
    take: () => limiter.take(perMinute, 'one'),
    told,
    asked: () => asked,
    nowMs: () => nowMs,
    pass: (ms: number) => {
      nowMs += ms;
    },
    becomes: (what: typeof how) => {
      how = what;
    },
    /** What has stalled until now comes to its end. */
    end: (what: 'answers' | 'fails') => {
      for (const resolve of waiting.splice(0)) resolve(what);
    },
  };
}

async function inTurn(count: number, take: () => Promise<RateDecision>): Promise<RateDecision[]> {
  const decisions: RateDecision[] = [];
  for (let i = 0; i < count; i += 1) decisions.push(await take());
  return decisions;
}
const admitted = (decisions: readonly RateDecision[]) => decisions.filter(({ allowed }) => allowed).length;

describe('When the shared counter is away', () => {
  test('the limit holds in this process, and what was let through before counts', async () => {
    const { take, becomes } = guarded();
    await inTurn(20, take);
    becomes('fails');

    assert.equal(admitted(await inTurn(50, take)), 10);
  });

  test('what this process let through meanwhile counts when it is back', async () => {
    const { take, becomes, pass, told } = guarded();
    becomes('fails');
    await inTurn(30, take);
    becomes('answers');
    pass(circuitLimits.openMs);

    const decision = await take();

    assert.deepEqual([decision.allowed, decision.remaining], [false, 0]);
    assert.deepEqual(told, ['failed', 'failed', 'failed', 'opened', 'closed']);
  });

  test('three requests wait for it, and then one in ten seconds', async () => {
    const { take, becomes, pass, asked, told } = guarded();
    becomes('fails');

    for (let i = 0; i < 60; i += 1) {
      await inTurn(10, take);
      pass(1_000);
    }

    assert.equal(asked(), 3 + 5);
    assert.equal(told.length, 3 + 1 + 5);
  });

  test('nobody waits beside the one that finds out whether it is back', async () => {
    const { take, becomes, pass, end } = guarded();
    becomes('fails');
    await inTurn(3, take);
    becomes('stalls');
    pass(circuitLimits.openMs);
    const probe = take();

    const beside = await inTurn(20, take);
    end('answers');

    assert.equal(admitted(beside), 20);
    assert.equal((await probe).allowed, true);
  });

  test('an answer that comes late lets nobody in beside those who did not wait', async () => {
    const { take, becomes, pass, end } = guarded();
    becomes('stalls');
    const late = take();
    // The slot of the window is another one by now.
    pass(2_500);
    becomes('fails');
    const meanwhile = await inTurn(40, take);
    end('answers');

    assert.equal(admitted(meanwhile), 30);
    assert.equal((await late).allowed, false);
  });

  test('a request that waited in vain is judged by the minute in which it came', async () => {
    const { take, becomes, pass, end } = guarded();
    await inTurn(30, take);
    pass(59_000);
    becomes('stalls');
    const late = take();
    pass(3_100);
    becomes('answers');
    const meanwhile = await take();
    end('fails');

    assert.equal(meanwhile.allowed, true, 'the minute of the first thirty is over');
    assert.equal((await late).allowed, false);
  });

  test('no minute holds more than the limit, whatever the counter does in whatever order', async () => {
    const step = fc.oneof(
      fc.record({
        how: fc.constantFrom('answers' as const, 'fails' as const),
        ms: fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 61_000 })),
      }),
      fc.record({ how: fc.constant('stalls' as const), ms: fc.integer({ min: 0, max: 5_000 }) }),
    );
    const steps = fc.array(fc.tuple(step, fc.integer({ min: 0, max: 25 }), fc.boolean()), { maxLength: 25 });
    const property = fc.asyncProperty(steps, async (taken) => {
      const { take, becomes, pass, end, nowMs } = guarded();
      const times: number[] = [];
      const running: Promise<unknown>[] = [];
      const ask = (at: number) => take().then(({ allowed }) => (allowed ? times.push(at) : 0));
      for (const [{ how, ms }, requests, answers] of taken) {
        becomes(how);
        for (let i = 0; i < requests; i += 1) running.push(ask(nowMs()));
        await new Promise(setImmediate);
        // Nothing waits longer than its function may run; within that, what stalled ends after those who came later.
        if (ms > 5_000) end(answers ? 'answers' : 'fails');
        await new Promise(setImmediate);
        pass(ms);
        if (how !== 'stalls') end(answers ? 'answers' : 'fails');
      }
      end('answers');
      await Promise.all(running);
      for (const start of times) {
        const within = times.filter((at) => at >= start && at < start + 60_000);
        assert.ok(within.length <= 30, `${within.length} from ${start - startMs}`);
      }
    });

    await fc.assert(property, { numRuns: 300, seed: 20_261_121 });
  });
});
