import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createPromptEstimates } from '#core/costs/prompt-estimates.ts';
import { CancelledError, ProviderError } from '#core/errors.ts';
import { createRequestMeter } from '#media-service/request-meter.ts';
import { createVirtualClock } from '#tests/support/virtual-clock.ts';

const newMeter = () =>
  createRequestMeter({
    prompt: { model: 'claude-haiku-5-5', prefix: 'p'.repeat(4_000), messages: ['m'.repeat(400)] },
    estimates: createPromptEstimates(),
    clock: createVirtualClock(),
  });
const usage = {
  inputTokens: 5,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  cacheReadTokens: 1_000,
  outputTokens: 1,
};

describe('one model request', () => {
  test('that was left before it was counted is billed by estimate', () => {
    const meter = newMeter();

    meter.failed(new CancelledError(), true);

    const read = meter.read();
    assert.equal(read?.estimated, true);
    assert.ok((read?.usage.cacheWrite5mTokens ?? 0) > 1_000);
  });

  test('that the service refused costs nothing, also when it had been counted as running', () => {
    const refused = new ProviderError('Refused', { provider: 'anthropic', failure: 'overloaded' });
    const [quick, slow] = [newMeter(), newMeter()];
    const running = slow.read();

    quick.failed(refused, false);
    slow.failed(refused, false);

    assert.ok((running?.usage.cacheWrite5mTokens ?? 0) > 0);
    assert.equal(quick.read(), undefined);
    assert.deepEqual(Object.values(slow.read()?.usage ?? {}), [0, 0, 0, 0, 0]);
  });

  test('that never answered in our time had been taken, and is billed', () => {
    const meter = newMeter();

    meter.failed(
      new ProviderError('Late', { provider: 'anthropic', failure: 'timeout', taken: true }),
      false,
    );

    assert.ok((meter.read()?.usage.cacheWrite5mTokens ?? 0) > 1_000);
  });

  test('is as the service says once it has counted', () => {
    const meter = newMeter();
    meter.read();

    meter.counted(usage, false);
    meter.wrote('x'.repeat(400));
    const broken = meter.read();
    meter.counted({ ...usage, outputTokens: 77 }, true);

    assert.deepEqual([broken?.usage.outputTokens, broken?.estimated], [130, true]);
    assert.deepEqual(meter.read(), {
      model: 'claude-haiku-5-5',
      usage: { ...usage, outputTokens: 77 },
      estimated: false,
      failed: false,
    });
  });
});
