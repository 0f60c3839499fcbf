import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { createStreamTokens } from '#adapters/crypto/stream-tokens.ts';
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import { newCallSid } from '#tests/support/calls.ts';

const claims: StreamClaims = {
  callSid: newCallSid(),
  role: 'school_counselor',
  direction: 'inbound',
  callerHash: '0123456789abcdef0123456789abcdef',
  callerMasked: '+1******0100',
  nonce: 'abcdefghijklmnopqrstuvwx',
  expiresAt: 1_795_000_000,
};
const tokens = createStreamTokens({ secrets: ['current secret'] });

/** A token as somebody with the secret could write it. */
function tokenOf(payload: string, secret = 'current secret', tag = 'v1'): string {
  const encoded = Buffer.from(payload).toString('base64url');
  const mac = createHmac('sha256', secret).update(`${tag}.${encoded}`).digest('base64url');
  return `${tag}.${encoded}.${mac}`;
}

describe('A stream token', () => {
  test('carries every claim', () => {
    const all: StreamClaims = { ...claims, voice: 'EXAVITQu4vr4xnSDxMaL', transferTo: '+14155550111' };

    assert.deepEqual(tokens.read(tokens.issue(all)), all);
    assert.deepEqual(tokens.read(tokens.issue(claims)), claims);
  });

  test('fits into a TwiML parameter, whatever the settings of the number are', () => {
    const longest: StreamClaims = {
      ...claims,
      voice: 'v'.repeat(64),
      transferTo: `+${'9'.repeat(15)}`,
      callerMasked: `+${'*'.repeat(11)}1234`,
    };

    const token = tokens.issue(longest);

    assert.equal('token'.length + token.length < 500, true, `${token.length} characters`);
    assert.match(token, /^[A-Za-z0-9._-]+$/, 'needs no escaping in XML');
    assert.deepEqual(tokens.read(token), longest);
  });

  test('changed in any place is refused', () => {
    const token = tokens.issue(claims);

    // The last character of a MAC carries two bits that mean nothing.
    for (let i = 0; i < token.length - 1; i += 1) {
      const changed = `${token.slice(0, i)}${token[i] === 'A' ? 'B' : 'A'}${token.slice(i + 1)}`;
      assert.equal('refused' in tokens.read(changed), true, `character ${i}`);
    }
  });

  test('signed with a secret that is not ours is refused as such', () => {
    const forged = createStreamTokens({ secrets: ['another secret'] }).issue(claims);

    assert.deepEqual(tokens.read(forged), { refused: 'bad-signature' });
  });

  test('stays good while its secret is being replaced', () => {
    const rotating = createStreamTokens({ secrets: ['next secret', 'current secret'] });
    const next = createStreamTokens({ secrets: ['next secret'] });

    assert.deepEqual(rotating.read(tokens.issue(claims)), claims);
    assert.deepEqual(next.read(rotating.issue(claims)), claims, 'the first secret signs');
    assert.deepEqual(next.read(tokens.issue(claims)), { refused: 'bad-signature' });
  });

  test('of no form that we write is malformed, and never an exception', () => {
    const good = tokens.issue(claims);
    const bad = [
      '',
      '.',
      '..',
      'v1..',
      'v1.x',
      `v2${good.slice(2)}`,
      `${good}.x`,
      'a'.repeat(5_000),
      '💥.💥.💥',
    ];

    for (const token of bad) assert.deepEqual(tokens.read(token), { refused: 'malformed' }, token);
  });

  test('that is well signed but holds no claims is malformed', () => {
    for (const payload of ['', '{', 'null', '[]', '{}', '{"c":"CA1"}'])
      assert.equal('refused' in tokens.read(tokenOf(payload)), true, payload);
    assert.deepEqual(tokens.read(tokenOf('{"c":"CA1"}')), { refused: 'malformed' });
  });

  test('longer than we write them is not even looked at', () => {
    assert.deepEqual(tokens.read(tokenOf(JSON.stringify({ c: 'x'.repeat(600) }))), { refused: 'malformed' });
  });

  test('cannot be made without a secret', () => {
    assert.throws(() => createStreamTokens({ secrets: [] }), RangeError);
  });
});
