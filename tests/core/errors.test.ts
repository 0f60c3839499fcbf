import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CancelledError, isCancelled, isProviderError, ProviderError } from '#core/errors.ts';

const source = new URL('../../core/errors.ts', import.meta.url).href;

describe('A failure of a vendor', () => {
  test('is known as one whichever file of a function has made it', async () => {
    const copy = (await import(`${source}?copy`)) as typeof import('#core/errors.ts');
    const failure = new copy.ProviderError('Away', { provider: 'cloudwatch', failure: 'unavailable' });

    assert.notEqual(copy.ProviderError, ProviderError);
    assert.deepEqual([isProviderError(failure), failure instanceof ProviderError], [true, true]);
    assert.deepEqual([isCancelled(new copy.CancelledError()), isCancelled(failure)], [true, false]);
    assert.equal(isProviderError(new CancelledError()), false);
    assert.equal(isProviderError(new Error('ProviderError')), false);
  });
});
