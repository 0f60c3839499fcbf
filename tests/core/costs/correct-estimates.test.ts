import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { countEstimates, spread, type VendorCount } from '#core/costs/correct-estimates.ts';
import type { CostEvent } from '#core/costs/cost-event.ts';
import { correctionsFrom } from '#core/costs/event-numbers.ts';
import { settledEvents } from '#core/costs/settled.ts';
import { costEvent, newCallSid } from '#tests/support/calls.ts';
import { createRandom, type Random } from '#tests/support/random.ts';

const model = 'claude-haiku-5-5';
const output = (seq: number, usage: number, fields: Partial<CostEvent> = {}) =>
  costEvent(newCallSid(), seq, {
    service: 'anthropic',
    operation: 'output-tokens',
    unit: 'token',
    model,
    usage,
    unitPriceUsd: 0.5e-6,
    costUsd: usage * 0.5e-6,
    ...fields,
  });

type Day = readonly (readonly CostEvent[])[];

/** One run over a day: what stands after it. */
function correct(
  day: Day,
  counts: readonly VendorCount[],
): { readonly after: Day; readonly written: number } {
  const count = countEstimates(counts);
  for (const events of day) count.add(events);
  const corrections = count.corrections();
  const correctionsOf = spread(corrections);
  let written = 0;
  const after = day.map((events) => {
    const made = corrections.length === 0 ? [] : correctionsOf(events);
    written += made.length;
    return [...events.filter(({ seq }) => !made.some((one) => one.seq === seq)), ...made];
  });
  return { after, written };
}

const usageOf = (day: Day): number => day.flatMap(settledEvents).reduce((sum, { usage }) => sum + usage, 0);
const tokensReported = (usage: number): readonly VendorCount[] => [
  { operation: 'output-tokens', model, usage },
];

function randomDay(random: Random): Day {
  const callsOfDay = random.whole(1, 40);
  return Array.from({ length: callsOfDay }, () =>
    Array.from({ length: random.whole(1, 6) }, (_, seq) =>
      output(seq, random.whole(1, 300), { estimated: random.next() < 0.5 }),
    ),
  );
}

describe('Our own counts of a day', () => {
  test('are together what the vendor has counted, whatever the calls, their order and the repetitions', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = createRandom(seed);
      const day = randomDay(random);
      const sums = (estimated: boolean) =>
        day.flat().reduce((sum, event) => sum + (event.estimated === estimated ? event.usage : 0), 0);
      if (sums(true) === 0) continue;
      const truth = sums(false) + Math.round(sums(true) * random.next() * 2);

      const once = correct(day, tokensReported(truth));
      const mixed = day.toReversed().map((events) => [...events.toReversed(), ...events]);
      const other = correct(mixed, tokensReported(truth));
      const twice = correct(once.after, tokensReported(truth));

      const near = (usage: number) => Math.abs(usage - truth) <= truth * 0.001;
      assert.ok(
        once.written === 0 ? near(usageOf(once.after)) : usageOf(once.after) === truth,
        `seed ${seed}`,
      );
      assert.equal(usageOf(other.after), usageOf(once.after), `seed ${seed}`);
      assert.equal(twice.written, 0, `seed ${seed}`);
    }
  });

  test('follow a vendor that changes its mind, from what they were first', () => {
    const day = [[output(0, 100)], [output(0, 300)]];

    const first = correct(day, tokensReported(200));
    const second = correct(first.after, tokensReported(600));

    assert.deepEqual(
      second.after.flatMap(settledEvents).map(({ usage }) => usage),
      [150, 450],
    );
  });

  test("are changed alone: the vendor's own counts and other models stay", () => {
    const own = output(0, 1_000, { estimated: false });
    const others = output(2, 50, { model: 'claude-opus-5' });
    const day = [[own, output(1, 100), others]];

    const { after } = correct(day, tokensReported(1_080));

    const settled = after.flatMap(settledEvents);
    assert.ok(settled.includes(own) && settled.includes(others));
    const [made] = settled.filter(({ seq }) => seq >= correctionsFrom);
    assert.deepEqual([made?.usage, made?.estimated, made?.supersedes], [80, false, 1]);
    assert.ok(Math.abs((made?.costUsd ?? 0) - 80 * 0.5e-6) < 1e-12);
  });

  test('take no more than they can explain: the rest stays a difference', () => {
    const { after } = correct([[output(0, 100)]], tokensReported(1_000));

    assert.equal(usageOf(after), 200);
  });

  test('are never less than nothing', () => {
    const day = [[output(0, 500, { estimated: false }), output(1, 100)]];

    assert.equal(usageOf(correct(day, tokensReported(300)).after), 500);
  });

  test('stay while the report is empty', () => {
    assert.equal(correct([[output(0, 100)]], tokensReported(0)).written, 0);
  });

  test('of seconds are given out to the millisecond', () => {
    const seconds = (seq: number, usage: number) =>
      costEvent(newCallSid(), seq, {
        service: 'elevenlabs-stt',
        operation: 'recognition-seconds',
        unit: 'second',
        usage,
      });
    const day = [[seconds(0, 61.237)], [seconds(0, 12.5)], [seconds(0, 7.001)]];

    const { after } = correct(day, [{ operation: 'recognition-seconds', usage: 78 }]);

    const ms = after.flatMap(settledEvents).map(({ usage }) => Math.round(usage * 1_000));
    assert.equal(
      ms.reduce((sum, one) => sum + one, 0),
      78_000,
    );
  });

  test('know of calls that were removed: their use is not given to others', () => {
    const count = countEstimates(tokensReported(150));
    count.add([output(0, 100)]);
    count.addCertain('output-tokens', 50);

    assert.deepEqual(count.corrections(), []);
  });
});
