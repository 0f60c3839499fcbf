import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLedger } from '#core/costs/ledger.ts';
import type { Charge } from '#core/costs/price-charge.ts';
import { parsePriceOverrides, priceVariables } from '#core/costs/price-overrides.ts';
import { defaultPrices, type Prices } from '#core/costs/prices.ts';
import { callSidSchema } from '#core/ids.ts';

const callSid = callSidSchema.parse(`CA${'0'.repeat(32)}`);
const million = 1_000_000;

function pricesFrom(environment: Record<string, string>): Prices {
  const parsed = parsePriceOverrides(environment, defaultPrices);
  assert.ok(parsed.ok);
  return parsed.prices;
}
function costOf(charge: Charge, prices: Prices): number | null {
  const ledger = createLedger({ callSid, prices });
  ledger.record(charge, new Date(0));
  return ledger.totalUsd();
}
const tokens = (kind: string, model = 'claude-haiku-5-5'): Charge => ({
  kind: 'model',
  model,
  usage: {
    inputTokens: 0,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    cacheReadTokens: 0,
    outputTokens: 0,
    [kind]: million,
  },
  outcome: 'used',
  estimated: false,
});
const speech: Charge = {
  kind: 'speech',
  model: 'eleven_flash_v2_5',
  characters: 1_000,
  cached: false,
  outcome: 'used',
  estimated: false,
};

test('every variable changes exactly what its name says', () => {
  const cases: readonly (readonly [string, Charge])[] = [
    ['CLAUDE_INPUT_PRICE_PER_MTOK', tokens('inputTokens')],
    ['CLAUDE_OUTPUT_PRICE_PER_MTOK', tokens('outputTokens')],
    ['CLAUDE_CACHE_WRITE_PRICE_PER_MTOK', tokens('cacheWrite5mTokens')],
    ['CLAUDE_CACHE_WRITE_PRICE_PER_MTOK', tokens('cacheWrite1hTokens')],
    ['CLAUDE_CACHE_READ_PRICE_PER_MTOK', tokens('cacheReadTokens')],
    ['ELEVENLABS_TTS_PRICE_PER_1K_CHARS', speech],
    ['ELEVENLABS_STT_PRICE_PER_MIN', { kind: 'recognition', seconds: 60 }],
    ['TWILIO_INBOUND_PRICE_PER_MIN', { kind: 'call-leg', direction: 'inbound', seconds: 60 }],
    [
      'TWILIO_INBOUND_TOLLFREE_PRICE_PER_MIN',
      { kind: 'call-leg', direction: 'inbound', seconds: 60, tollFree: true },
    ],
    ['TWILIO_OUTBOUND_PRICE_PER_MIN', { kind: 'call-leg', direction: 'outbound', seconds: 60 }],
    ['TWILIO_STREAM_PRICE_PER_MIN', { kind: 'media-stream', seconds: 60 }],
    ['TWILIO_AMD_PRICE_PER_CALL', { kind: 'answering-machine-detection' }],
    ['TWILIO_RECORDING_PRICE_PER_MIN', { kind: 'recording', seconds: 60 }],
  ];

  for (const [variable, charge] of cases)
    assert.equal(costOf(charge, pricesFrom({ [variable]: '1.25' })), 1.25, variable);
});

test('the price and the size of a task make the price of its share', () => {
  const prices = pricesFrom({
    FARGATE_VCPU_PRICE_PER_HOUR: '0.04',
    FARGATE_GB_PRICE_PER_HOUR: '0.005',
    FARGATE_TASK_VCPU: '2',
    FARGATE_TASK_MEMORY_GB: '4',
  });

  assert.equal(costOf({ kind: 'compute', seconds: 3_600, share: 0.5 }, prices), 0.05);
});

test('an override gives a price to a model the table does not know, for what it names', () => {
  const prices = pricesFrom({ CLAUDE_INPUT_PRICE_PER_MTOK: '3' });

  assert.equal(costOf(tokens('inputTokens', 'claude-of-tomorrow'), prices), 3);
  assert.equal(costOf(tokens('outputTokens', 'claude-of-tomorrow'), prices), null);
});

test('a price of zero is possible when an operator states it', () => {
  assert.equal(costOf(speech, pricesFrom({ ELEVENLABS_TTS_PRICE_PER_1K_CHARS: '0' })), 0);
});

test('every unusable value is named with its mend, and its text is not repeated', () => {
  for (const text of ['free', '-1', '1e3', '0x10', 'Infinity', '1,5', '$2']) {
    const parsed = parsePriceOverrides(
      { CLAUDE_INPUT_PRICE_PER_MTOK: text, TWILIO_STREAM_PRICE_PER_MIN: text },
      defaultPrices,
    );

    assert.equal(parsed.ok, false, text);
    assert.deepEqual(!parsed.ok && parsed.problems.map(({ variable }) => variable), [
      'CLAUDE_INPUT_PRICE_PER_MTOK',
      'TWILIO_STREAM_PRICE_PER_MIN',
    ]);
    assert.ok(
      !parsed.ok &&
        parsed.problems.every(({ problem }) => /US dollars/.test(problem) && !problem.includes(text)),
    );
  }
});

test('empty and foreign variables change nothing', () => {
  assert.deepEqual(pricesFrom({ CLAUDE_INPUT_PRICE_PER_MTOK: ' ', HOME: 'anywhere' }), defaultPrices);
});

test('the names of all variables can be listed for documentation', () => {
  assert.ok(priceVariables.includes('CLAUDE_CACHE_READ_PRICE_PER_MTOK'));
  assert.equal(new Set(priceVariables).size, priceVariables.length);
});
