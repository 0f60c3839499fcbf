import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { OneTimeTokens } from '#core/ports/one-time-tokens.ts';

export interface OneTimeTokensSubject {
  /** Two processes with one memory. */
  readonly here: OneTimeTokens;
  readonly elsewhere: OneTimeTokens;
  close(): Promise<void>;
}

const expiresAt = new Date('2026-11-21T12:01:00Z');

/** What keeps a stream token from being used twice. */
export function describeOneTimeTokensContract(
  name: string,
  makeSubject: () => Promise<OneTimeTokensSubject>,
): void {
  describe(`${name} keep the contract of one-time tokens`, () => {
    let subject: OneTimeTokensSubject;
    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.close());

    test('a nonce is taken the first time and refused ever after', async () => {
      const { here } = subject;

      assert.equal(await here.redeem('nonce-nonce-nonce-1', expiresAt), true);
      assert.equal(await here.redeem('nonce-nonce-nonce-1', expiresAt), false);
      assert.equal(await here.redeem('nonce-nonce-nonce-1', expiresAt), false);
    });

    test('a nonce used in one process is refused in another', async () => {
      await subject.here.redeem('nonce-nonce-nonce-1', expiresAt);

      assert.equal(await subject.elsewhere.redeem('nonce-nonce-nonce-1', expiresAt), false);
    });

    test('one nonce does not use up another', async () => {
      await subject.here.redeem('nonce-nonce-nonce-1', expiresAt);

      assert.equal(await subject.here.redeem('nonce-nonce-nonce-2', expiresAt), true);
    });

    test('of many who use a nonce at once exactly one may', async () => {
      const { here, elsewhere } = subject;

      const answers = await Promise.all(
        [here, elsewhere, here, elsewhere].map((tokens) => tokens.redeem('nonce-nonce-nonce-1', expiresAt)),
      );

      assert.equal(answers.filter(Boolean).length, 1);
    });
  });
}
