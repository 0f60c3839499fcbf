import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLedger } from '#core/costs/ledger.ts';
import type { Charge } from '#core/costs/price-charge.ts';
import { parsePriceOverrides } from '#core/costs/price-overrides.ts';
import { type PriceSettings, readPriceSettings } from '#core/costs/price-settings.ts';
import { defaultPrices, type Prices } from '#core/costs/prices.ts';
import { newCallSid } from '#tests/support/calls.ts';

const million = 1_000_000;

function pricesFrom(document: PriceSettings, others: Record<string, string> = {}): Prices {
  const parsed = parsePriceOverrides({ PRICES: JSON.stringify(document), ...others }, defaultPrices);
  assert.ok(parsed.ok);
  return parsed.prices;
}

function costOf(charge: Charge, prices: Prices): number | null {
  const ledger = createLedger({ callSid: newCallSid(), prices });
  ledger.record(charge, new Date(0));
  return ledger.totalUsd();
}

const noTokens = {
  inputTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  cacheReadTokens: 0,
  outputTokens: 0,
};
const aMillion = (kind: keyof typeof noTokens, model: string): Charge => ({
  kind: 'model',
  model,
  usage: { ...noTokens, [kind]: million },
  outcome: 'used',
  estimated: false,
});

describe('Prices of an account', () => {
  test('take the place of the list prices, each in the unit its name says', () => {
    const prices = pricesFrom({
      models: { 'claude-haiku-5-5': { output: 1.25 } },
      speechPer1kChars: { eleven_flash_v2_5: 1.25 },
      recognitionPerMin: 1.25,
      twilio: {
        inboundPerMin: 1.25,
        inboundTollFreePerMin: 1.25,
        outboundPerMin: 1.25,
        streamPerMin: 1.25,
        amdPerCall: 1.25,
        recordingPerMin: 1.25,
      },
      fargate: { vcpuPerHour: 2, memoryGbPerHour: 0.25 },
      tools: { court_calendar: 1.25 },
    });
    const leg = { kind: 'call-leg', seconds: 60 } as const;
    const charges: readonly Charge[] = [
      aMillion('outputTokens', 'claude-haiku-5-5'),
      {
        kind: 'speech',
        model: 'eleven_flash_v2_5',
        characters: 1_000,
        cached: false,
        outcome: 'used',
        estimated: true,
      },
      { kind: 'recognition', seconds: 60 },
      { ...leg, direction: 'inbound' },
      { ...leg, direction: 'inbound', tollFree: true },
      { ...leg, direction: 'outbound' },
      { kind: 'media-stream', seconds: 60 },
      { kind: 'answering-machine-detection' },
      { kind: 'recording', seconds: 60 },
      { kind: 'compute', seconds: 3_600, share: 1 },
      { kind: 'tool', name: 'court_calendar', outcome: 'used' },
    ];

    for (const charge of charges) assert.equal(costOf(charge, prices), 1.25, JSON.stringify(charge));
  });

  test('leave what they do not name as it was', () => {
    const prices = pricesFrom({ models: { 'claude-haiku-5-5': { output: 1.25 } } });

    assert.equal(costOf(aMillion('inputTokens', 'claude-haiku-4-5'), prices), 1);
    assert.equal(prices.models['claude-haiku-5-5']?.longPrompt?.input, 0.5);
    assert.deepEqual({ ...prices, models: {} }, { ...defaultPrices, models: {} });
  });

  test('price a model that the table does not know, with its long prompts and the usual cache factors', () => {
    const prices = pricesFrom({
      models: {
        'claude-next': {
          input: 2,
          output: 10,
          longPrompt: { overTokens: million - 1, input: 4, output: 15 },
        },
      },
    });

    const of = (kind: keyof typeof noTokens) => costOf(aMillion(kind, 'claude-next'), prices);
    assert.equal(of('inputTokens'), 4, 'a prompt of a million tokens is a long one');
    assert.equal(of('cacheWrite5mTokens'), 5);
    assert.equal(of('cacheReadTokens'), 0.4);
    assert.equal(of('outputTokens'), 10, 'no prompt at all is a short one');
  });

  test('leave unknown what they do not say of a model that the table does not know', () => {
    const prices = pricesFrom({ models: { 'claude-next': { output: 10 } } });

    assert.equal(costOf(aMillion('inputTokens', 'claude-next'), prices), null);
  });

  test('give way to a single variable', () => {
    const prices = pricesFrom(
      { twilio: { streamPerMin: 1 }, models: { 'claude-next': { input: 2, output: 10 } } },
      { TWILIO_STREAM_PRICE_PER_MIN: '3', CLAUDE_INPUT_PRICE_PER_MTOK: '4' },
    );

    assert.equal(costOf({ kind: 'media-stream', seconds: 60 }, prices), 3);
    assert.equal(costOf(aMillion('inputTokens', 'claude-next'), prices), 4);
  });

  test('say where they were read', () => {
    const { mediaStream, tools, models } = pricesFrom({
      source: 'order form of October',
      twilio: { streamPerMin: 1 },
      tools: { court_calendar: { usd: 0.01, source: 'letter of the court' } },
      models: { 'claude-next': { input: 2, output: 10 } },
    });

    assert.equal(mediaStream.source, 'order form of October');
    assert.equal(tools['court_calendar']?.source, 'letter of the court');
    assert.equal(models['claude-next']?.source, 'order form of October');
  });
});

test('a document that cannot be used is told field by field, without its values', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['{', /is not JSON/],
    ['[]', /./],
    ['{"twilio":{"perMinute":777}}', /^twilio/],
    ['{"twilio":{"streamPerMin":"777"}}', /^twilio\.streamPerMin must be US dollars/],
    ['{"tools":{"a":-777}}', /^tools\.a/],
    ['{"models":{"m":{"input":"777"}}}', /^models\.m\.input/],
    ['{"models":{"m":{"longPrompt":{"overTokens":777,"input":1}}}}', /^models\.m\.longPrompt\.output/],
  ];

  for (const [text, problem] of cases) {
    const read = readPriceSettings(text);
    const overrides = parsePriceOverrides({ PRICES: text }, defaultPrices);

    assert.ok(!read.ok && problem.test(read.problems[0] ?? ''), `${text}: ${JSON.stringify(read)}`);
    assert.ok(!read.problems.join().includes('777'), text);
    assert.ok(!overrides.ok && overrides.problems[0]?.variable === 'PRICES', text);
  }
});
