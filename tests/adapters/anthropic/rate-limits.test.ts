import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createAnthropicLanguageModel } from '#adapters/anthropic/language-model.ts';
import { readRateLimits } from '#adapters/anthropic/rate-limit-headers.ts';
import { systemClock } from '#adapters/system-clock/clock.ts';
import { isProviderError } from '#core/errors.ts';
import type { RateLimitReading, ReplyRequest } from '#core/ports/language-model.ts';
import { type SimulatedAnthropic, startSimulatedAnthropic } from '#local/vendors/anthropic/server.ts';

const request: ReplyRequest = {
  model: 'claude-haiku-4-5',
  maxTokens: 50,
  system: [],
  tools: [],
  messages: [{ role: 'caller', text: 'Hello?' }],
};

describe('The limits of the account', () => {
  let vendor: SimulatedAnthropic;
  before(async () => {
    vendor = await startSimulatedAnthropic({
      apiKey: 'key',
      delays: { firstTokenMs: 0, tokensPerSec: 100_000, thinkingMs: 0 },
    });
  });
  after(() => vendor.close());

  /** What one request tells; a refused one too. */
  async function readingsOf(): Promise<readonly RateLimitReading[]> {
    const readings: RateLimitReading[] = [];
    const model = createAnthropicLanguageModel({
      apiKey: 'key',
      baseUrl: vendor.url,
      clock: systemClock,
      firstEventTimeoutMs: 3_000,
      eventGapTimeoutMs: 3_000,
      onRateLimit: (reading) => readings.push(reading),
    });
    try {
      for await (const part of model.reply(request, { signal: new AbortController().signal }))
        assert.ok(part.type);
    } catch (error) {
      if (!isProviderError(error)) throw error;
    }
    return readings;
  }

  test('are told with every answer', async () => {
    vendor.useLimits({ 'output-tokens': 0.9 });

    const readings = await readingsOf();

    assert.deepEqual(
      readings.map(({ kind }) => kind),
      ['requests', 'tokens', 'input-tokens', 'output-tokens'],
    );
    assert.deepEqual(readings[3], {
      model: 'claude-haiku-4-5',
      kind: 'output-tokens',
      limit: 800_000,
      remaining: 80_000,
    });
  });

  test('are told by a refusal too', async () => {
    vendor.useLimits({ requests: 1 });
    vendor.failNext({ kind: 'status', status: 429 });

    const [requests] = await readingsOf();

    assert.equal(requests?.remaining, 0);
  });

  test('are left out where an answer does not name them as numbers', () => {
    const headers = new Headers({
      'anthropic-ratelimit-requests-limit': '100',
      'anthropic-ratelimit-requests-remaining': 'many',
      'anthropic-ratelimit-tokens-limit': '0',
      'anthropic-ratelimit-tokens-remaining': '0',
      'anthropic-ratelimit-output-tokens-limit': '100',
    });

    assert.deepEqual(readRateLimits(headers, 'claude'), []);
  });
});
