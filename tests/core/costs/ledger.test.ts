import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CostEvent, costEventSchema } from '#core/costs/cost-event.ts';
import { estimateOutputTokens } from '#core/costs/estimate-tokens.ts';
import { createLedger } from '#core/costs/ledger.ts';
import type { Charge } from '#core/costs/price-charge.ts';
import { defaultPrices } from '#core/costs/prices.ts';
import { summarise } from '#core/costs/summarise.ts';
import { type CallSid, callSidSchema } from '#core/ids.ts';
import { costSummarySchema } from '#core/records/call-record.ts';
import { createRandom, type Random } from '#tests/support/random.ts';

const callSid: CallSid = callSidSchema.parse(`CA${'0'.repeat(32)}`);
const at = new Date('2026-11-21T10:00:00.000Z');
const haiku = 'claude-haiku-5-5';
const flash = 'eleven_flash_v2_5';

const model = (tokens: Partial<Extract<Charge, { kind: 'model' }>['usage']>, change = {}): Charge => ({
  kind: 'model',
  model: haiku,
  usage: {
    inputTokens: 0,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    cacheReadTokens: 0,
    outputTokens: 0,
    ...tokens,
  },
  outcome: 'used',
  estimated: false,
  ...change,
});
const speech = (characters: number, change = {}): Charge => ({
  kind: 'speech',
  model: flash,
  characters,
  cached: false,
  outcome: 'used',
  estimated: false,
  ...change,
});
const ledgerWith = (...charges: readonly Charge[]) => {
  const ledger = createLedger({ callSid, prices: defaultPrices });
  for (const charge of charges) ledger.record(charge, at);
  return ledger;
};

function randomCharge(random: Random): Charge {
  const outcome = random.pick(['used', 'wasted', 'failed'] as const);
  const all: readonly Charge[] = [
    model(
      {
        inputTokens: random.whole(0, 499),
        cacheWrite5mTokens: random.whole(0, 899),
        cacheReadTokens: random.whole(0, 149_999),
        outputTokens: random.whole(0, 299),
      },
      { outcome },
    ),
    speech(random.whole(0, 399), { cached: random.next() < 0.3, outcome }),
    { kind: 'recognition', seconds: random.next() * 60 },
    {
      kind: 'call-leg',
      direction: random.next() < 0.5 ? 'inbound' : 'outbound',
      seconds: random.next() * 600,
    },
    { kind: 'media-stream', seconds: random.next() * 600 },
    { kind: 'compute', seconds: random.next() * 600, share: random.next() / 50 },
  ];
  return random.pick(all);
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

test('a whole call adds up to the figures of the summary line', () => {
  const ledger = ledgerWith(
    model({ inputTokens: 1_000, cacheWrite5mTokens: 2_000, outputTokens: 200 }),
    model({ inputTokens: 300, cacheReadTokens: 2_000, outputTokens: 100 }, { outcome: 'wasted' }),
    speech(1_000),
    speech(195, { cached: true }),
    { kind: 'recognition', seconds: 142.4 },
    { kind: 'call-leg', direction: 'inbound', seconds: 125 },
    { kind: 'media-stream', seconds: 121 },
    { kind: 'compute', seconds: 125, share: 0.01 },
  );

  const summary = ledger.summary();

  assert.deepEqual(summary, {
    claudeInputTokens: 1_300,
    claudeOutputTokens: 300,
    claudeCacheCreationTokens: 2_000,
    claudeCacheReadTokens: 2_000,
    claudeWastedTokens: 400,
    ttsChars: 1_000,
    ttsCharsCached: 195,
    sttSecs: 142.4,
    twilioSecs: 125,
    estimatedCostUsd: 0.113_483_525,
    costByService: {
      anthropic: 0.000_55,
      'elevenlabs-stt': 0.015_426_667,
      'elevenlabs-tts': 0.06,
      twilio: 0.0375,
      fargate: 0.000_006_858,
    },
    estimatedPartUsd: 0.052_933_525,
    estimatedByService: { 'elevenlabs-stt': 0.015_426_667, twilio: 0.0375, fargate: 0.000_006_858 },
    wastedUsd: 0.000_1,
    cacheSavedUsd: 0.000_13,
  });
  assert.doesNotThrow(() => costSummarySchema.parse(summary));
});

test('a reply that nobody heard is paid for and counted as waste', () => {
  const heard = ledgerWith(model({ inputTokens: 500, outputTokens: 80 }));
  const discarded = ledgerWith(model({ inputTokens: 500, outputTokens: 80 }, { outcome: 'wasted' }));

  assert.equal(discarded.totalUsd(), heard.totalUsd());
  assert.equal(heard.usage().claudeWastedTokens, 0);
  assert.equal(discarded.usage().claudeWastedTokens, 580);
});

test('a request that failed before anything was counted still leaves an event', () => {
  const events = ledgerWith(model({}, { outcome: 'failed' })).pending();

  assert.deepEqual(
    events.map(({ operation, outcome, usage, costUsd }) => ({ operation, outcome, usage, costUsd })),
    [{ operation: 'input-tokens', outcome: 'failed', usage: 0, costUsd: 0 }],
  );
});

test('a prompt of more than 100,000 tokens is priced at the dearer tier, cache reads included', () => {
  const short = ledgerWith(model({ inputTokens: 1, cacheReadTokens: 99_999, outputTokens: 100 }));
  const long = ledgerWith(model({ inputTokens: 1, cacheReadTokens: 100_000, outputTokens: 100 }));

  assert.equal(short.totalUsd(), 0.001_050_09);
  assert.equal(long.totalUsd(), 0.005_250_5);
});

test('an unknown model makes the total unknown, never free, and raises one alert', () => {
  const charge = model({ inputTokens: 10, outputTokens: 5 }, { model: 'claude-of-tomorrow' });
  const ledger = ledgerWith(speech(1_000), charge, charge);

  assert.equal(ledger.totalUsd(), null);
  assert.equal(ledger.knownUsd(), 0.06);
  assert.equal(ledger.summary().estimatedCostUsd, null);
  assert.deepEqual(ledger.summary().costByService, { anthropic: null, 'elevenlabs-tts': 0.06 });
  assert.deepEqual(ledger.alerts(), [
    { reason: 'unknown-price', service: 'anthropic', model: 'claude-of-tomorrow' },
  ]);
});

test('a model named like a property of every object is unknown, not free', () => {
  const ledger = ledgerWith(
    model({ inputTokens: 10 }, { model: 'constructor' }),
    speech(10, { model: 'toString' }),
  );

  assert.equal(ledger.alerts().length, 2);
});

test('a model id with a date is priced like the model', () => {
  const tokens = { inputTokens: 1_000_000 };

  assert.equal(ledgerWith(model(tokens, { model: 'claude-haiku-4-5-20251001' })).totalUsd(), 1);
});

test('a leg is billed in started minutes and reported in seconds', () => {
  const costOf = (seconds: number, tollFree = false) =>
    ledgerWith({ kind: 'call-leg', direction: 'inbound', seconds, tollFree });

  assert.equal(costOf(60).totalUsd(), 0.0085);
  assert.equal(costOf(60.001).totalUsd(), 0.017);
  assert.equal(costOf(60, true).totalUsd(), 0.022);
  assert.equal(costOf(0).totalUsd(), 0);
  assert.equal(costOf(60.001).usage().twilioSecs, 60.001);
});

test('a recorded phrase costs nothing and is counted apart', () => {
  const ledger = ledgerWith(speech(120, { cached: true }));

  assert.equal(ledger.totalUsd(), 0);
  assert.deepEqual([ledger.usage().ttsChars, ledger.usage().ttsCharsCached], [0, 120]);
});

test('events are handed over once, numbered without a gap, and fit the stored form', () => {
  const ledger = ledgerWith(model({ inputTokens: 5, outputTokens: 5 }), speech(10));

  const first = ledger.pending();
  ledger.record({ kind: 'answering-machine-detection' }, at);
  const second = ledger.pending();

  assert.deepEqual(
    [...first, ...second].map(({ seq }) => seq),
    [0, 1, 2, 3],
  );
  assert.deepEqual(ledger.pending(), []);
  for (const event of [...first, ...second]) assert.deepEqual(costEventSchema.parse(event), event);
});

test('a resumed call goes on counting where the lost process stopped', () => {
  const before = ledgerWith(model({ inputTokens: 5, outputTokens: 5 }), speech(10));
  const stored = before.pending();

  const after = createLedger({ callSid, prices: defaultPrices, earlier: [...stored].reverse() });
  const [event] = after.record(speech(20), at);

  assert.equal(event?.seq, 3);
  assert.equal(after.usage().ttsChars, 30);
  assert.deepEqual(
    after.pending().map(({ seq }) => seq),
    [3],
  );
});

test('stored events give the same summary as the running call, in any order and written twice', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = createRandom(seed);
    const ledger = createLedger({ callSid, prices: defaultPrices });
    const stored: CostEvent[] = [];
    for (let n = 0; n < 80; n += 1) stored.push(...ledger.record(randomCharge(random), at));
    const readBack: CostEvent[] = JSON.parse(
      JSON.stringify(shuffled([...stored, ...stored.slice(3, 9)], random)),
    );

    assert.deepEqual(summarise(readBack), ledger.summary(), `seed ${seed}`);
  }
});

test('the parts of a summary add up to its total without floating-point noise', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = createRandom(seed);
    const summary = ledgerWith(...Array.from({ length: 50 }, () => randomCharge(random))).summary();
    const nanos = (usd: number | null | undefined) => Math.round((usd ?? 0) * 1e9);

    const parts = Object.values(summary.costByService).reduce<number>((sum, usd) => sum + nanos(usd), 0);

    assert.equal(parts, nanos(summary.estimatedCostUsd), `seed ${seed}`);
  }
});

test('an aborted reply is estimated from its text, at the newer tokenizer', () => {
  assert.equal(estimateOutputTokens('', 'claude-haiku-5-5'), 0);
  assert.equal(estimateOutputTokens('a', 'claude-haiku-5-5'), 1);
  assert.equal(estimateOutputTokens('x'.repeat(400), 'claude-haiku-5-5'), 130);
  assert.equal(estimateOutputTokens('x'.repeat(400), 'claude-haiku-4-5-20251001'), 100);
});

test('a meter is one event that grows, and is stored again only when it costs more', () => {
  const ledger = createLedger({ callSid, prices: defaultPrices });
  const leg = (seconds: number) =>
    ledger.meter('call', { kind: 'call-leg', direction: 'inbound', seconds }, at);

  leg(5);
  const first = ledger.pending();
  leg(10);
  const second = ledger.pending();
  leg(61);
  const third = ledger.pending();
  leg(70);
  const last = ledger.pending({ all: true });

  assert.deepEqual(
    [first, second, third, last].map((events) =>
      events.map(({ seq, usage, measuredSecs }) => [seq, usage, measuredSecs]),
    ),
    [[[900_000, 1, 5]], [], [[900_000, 2, 61]], [[900_000, 2, 70]]],
  );
  assert.equal(ledger.knownUsd(), 0.017);
});

test('a process that takes a call over goes on numbering, and with the leg where it was left', () => {
  const before = createLedger({ callSid, prices: defaultPrices });
  before.meter('turn 1', model({ inputTokens: 10, outputTokens: 5 }), at);
  before.meter('call', { kind: 'call-leg', direction: 'inbound', seconds: 50 }, at);

  const after = createLedger({ callSid, prices: defaultPrices, earlier: before.pending() });
  after.meter('turn 1', model({ inputTokens: 10, outputTokens: 5 }), at);
  after.meter('call', { kind: 'call-leg', direction: 'inbound', seconds: 20 }, at);

  const events = after.pending();
  assert.deepEqual(
    events.map(({ seq }) => seq),
    [2, 3, 900_000],
  );
  assert.equal(after.usage().twilioSecs, 70);
  assert.equal(after.usage().claudeInputTokens, 20);
});

test('an estimate that the count replaces leaves nothing behind of other kinds', () => {
  const ledger = createLedger({ callSid, prices: defaultPrices });
  const counted = model({ cacheReadTokens: 3_000 });
  ledger.meter('request', model({ cacheWrite5mTokens: 3_000 }, { estimated: true }), at);
  ledger.pending();

  ledger.meter('request', counted, at);

  assert.equal(ledger.totalUsd(), ledgerWith(counted).totalUsd());
  assert.deepEqual(
    ledger.pending().map(({ operation, usage }) => [operation, usage]),
    [
      ['cache-write-5m-tokens', 0],
      ['cache-read-tokens', 3_000],
    ],
  );
});
