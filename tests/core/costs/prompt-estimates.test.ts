import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createPromptEstimates, type PromptShape } from '#core/costs/prompt-estimates.ts';
import type { ModelUsage } from '#core/costs/usage.ts';

const model = 'claude-haiku-5-5';
/** 4,000 tokens at four characters each; the conversation after it counts alike. */
const prefix = 'p'.repeat(16_000);
const prompt = (...messages: readonly string[]): PromptShape => ({ model, prefix, messages });
const said = (name: string) => name.repeat(400);

const usage = (fields: Partial<ModelUsage>): ModelUsage => ({
  inputTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  cacheReadTokens: 0,
  outputTokens: 1,
  ...fields,
});

const near = (actual: number, expected: number, part = 0.02) =>
  assert.ok(Math.abs(actual - expected) <= expected * part, `${actual} is not near ${expected}`);

describe('the prompt of a request that was left before it was counted', () => {
  test('is read from the cache as far as an earlier prompt of the call goes, and written from there', () => {
    const estimates = createPromptEstimates().forCall();
    estimates.counted(prompt(said('a')), usage({ cacheReadTokens: 4_000, cacheWrite5mTokens: 100 }), 0);

    const estimate = estimates.estimate(prompt(said('a'), said('b'), said('c')), 10_000);

    assert.equal(estimate.cacheReadTokens, 4_100);
    near(estimate.cacheWrite5mTokens, 200);
    assert.equal(estimate.inputTokens + estimate.outputTokens, 0);
  });

  test('shares its beginning with the prompts of other calls', () => {
    const estimates = createPromptEstimates();
    const first = estimates.forCall();
    first.counted(prompt(said('a')), usage({ cacheReadTokens: 4_000, cacheWrite5mTokens: 100 }), 0);
    first.counted(
      prompt(said('a'), said('b')),
      usage({ cacheReadTokens: 4_100, cacheWrite5mTokens: 100 }),
      0,
    );

    const estimate = estimates.forCall().estimate(prompt(said('z')), 10_000);

    assert.equal(estimate.cacheReadTokens, 4_000);
    near(estimate.cacheWrite5mTokens, 100);
  });

  test('is written anew when nobody has used the cache for longer than it lives', () => {
    const estimates = createPromptEstimates();
    estimates.counted(prompt(said('a')), usage({ cacheReadTokens: 4_000, cacheWrite5mTokens: 100 }), 0);

    const estimate = estimates.forCall().estimate(prompt(said('z')), 300_001);

    assert.equal(estimate.cacheReadTokens, 0);
    near(estimate.cacheWrite5mTokens, 4_100);
  });

  test('is plain input where prompts are too short for the cache', () => {
    const estimates = createPromptEstimates().forCall();
    estimates.counted(prompt(said('a')), usage({ inputTokens: 4_100 }), 0);

    const estimate = estimates.estimate(prompt(said('a'), said('b')), 1);

    near(estimate.inputTokens, 4_200);
    assert.equal(estimate.cacheReadTokens + estimate.cacheWrite5mTokens, 0);
  });

  test('is guessed by the length of its text when no prompt of the model was ever counted', () => {
    const estimate = createPromptEstimates().estimate(prompt(said('a')), 0);

    near(estimate.cacheWrite5mTokens, (16_400 / 4) * 1.3);
  });
});
