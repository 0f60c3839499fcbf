/** Whether a stream may be a call. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createStreamTokens } from '#adapters/crypto/stream-tokens.ts';
import { visitorDigest } from '#adapters/crypto/visitor-digest.ts';
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import { accountSidSchema, streamSidSchema } from '#core/ids.ts';
import type { OneTimeTokens } from '#core/ports/one-time-tokens.ts';
import { createStreamAccess } from '#media-service/stream-access.ts';
import { newCallSid } from '#tests/support/calls.ts';
import { createInMemoryOneTimeTokens } from '#tests/support/in-memory-one-time-tokens.ts';
import { createVirtualClock } from '#tests/support/virtual-clock.ts';

const tokens = createStreamTokens({ secrets: ['secret'] });
const clock = createVirtualClock();
const callSid = newCallSid();
const nowSecs = Math.floor(clock.now().getTime() / 1000);
const good: StreamClaims = {
  callSid,
  role: 'parent',
  direction: 'inbound',
  callerHash: 'hash',
  callerMasked: '+1******0100',
  nonce: 'n'.repeat(16),
  expiresAt: nowSecs + 60,
};

function setUp(oneTimeTokens: OneTimeTokens = createInMemoryOneTimeTokens()) {
  const failures: unknown[] = [];
  const onFailure = (error: unknown) => void failures.push(error);
  const check = createStreamAccess({ tokens, oneTimeTokens, clock, visitorDigest, onFailure });
  const access = (token: string | undefined) =>
    check({
      callSid,
      streamSid: streamSidSchema.parse(`MZ${'2'.repeat(32)}`),
      accountSid: accountSidSchema.parse(`AC${'3'.repeat(32)}`),
      parameters: token === undefined ? {} : { token },
    });
  return { access, failures };
}

describe('access to a stream', () => {
  const refusals = [
    ['no token', undefined, 'malformed'],
    ['a token that is none', 'garbage', 'malformed'],
    ['a token of somebody else', createStreamTokens({ secrets: ['other'] }).issue(good), 'bad-signature'],
    ['a token that is just over', tokens.issue({ ...good, expiresAt: nowSecs }), 'expired'],
    ['a token of another call', tokens.issue({ ...good, callSid: newCallSid() }), 'other-call'],
  ] as const;
  for (const [what, token, refused] of refusals)
    test(`${what} is refused as ${refused}`, async () => {
      assert.deepEqual(await setUp().access(token), { refused });
    });

  test('a good token works once', async () => {
    const { access } = setUp();

    assert.deepEqual(await access(tokens.issue(good)), { claims: good });
    assert.deepEqual(await access(tokens.issue(good)), { refused: 'used' });
  });

  test('a token that another process has taken is refused', async () => {
    const shared = createInMemoryOneTimeTokens();
    await setUp(shared).access(tokens.issue(good));

    assert.deepEqual(await setUp(shared).access(tokens.issue(good)), { refused: 'used' });
  });

  test('with the shared memory away a call still comes in, but only once per process', async () => {
    const { access, failures } = setUp({ redeem: () => Promise.reject(new Error('away')) });

    assert.deepEqual(await access(tokens.issue(good)), { claims: good });
    assert.deepEqual(await access(tokens.issue(good)), { refused: 'used' });
    assert.equal(failures.length, 1);
  });
});
