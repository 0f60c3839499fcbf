import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReconnects } from '#adapters/elevenlabs/reconnects.ts';
import { ProviderError, type ProviderErrorOptions } from '#core/errors.ts';

const failure = (options: Partial<ProviderErrorOptions> = {}) =>
  new ProviderError('failed', { provider: 'elevenlabs-stt', failure: 'unavailable', ...options });

test('a connection that worked is opened again at once, then with growing waits, three times in all', () => {
  const reconnects = createReconnects();
  const waits: (number | undefined)[] = [];

  for (let n = 0; n < 4; n += 1) {
    waits.push(reconnects.waitMs(failure()));
    reconnects.attempted();
  }
  reconnects.proven();

  assert.deepEqual(waits, [0, 100, 500, undefined]);
  assert.equal(reconnects.waitMs(failure()), 0);
});

test('a service that asks for a pause gets it, but not longer than a caller would wait', () => {
  const { waitMs } = createReconnects();

  assert.equal(waitMs(failure({ failure: 'overloaded', retryAfterMs: 1_000 })), 1_000);
  assert.equal(waitMs(failure({ failure: 'overloaded', retryAfterMs: 60_000 })), 1_500);
});

test('what cannot be mended by repeating it is not repeated', () => {
  assert.equal(createReconnects().waitMs(failure({ failure: 'refused' })), undefined);
});
