import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { digestApiKey, findApiKey, isSameSecret, type KnownKey } from '#adapters/crypto/api-keys.ts';

const noon = new Date('2026-11-21T12:00:00Z');
const keyOf = (id: string, secret: string, fields: Partial<KnownKey> = {}): KnownKey => ({
  id,
  sha256: digestApiKey(secret),
  scopes: ['records:read'],
  ...fields,
});

describe('API keys', () => {
  test('are stored as plain SHA-256, so that a person can make the digest with any tool', () => {
    // printf %s abc | sha256sum
    assert.equal(digestApiKey('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  test('are told apart, wherever in the list they are', () => {
    const known = [keyOf('crm', 'secret-1'), keyOf('finance', 'secret-2'), keyOf('test', 'secret-3')];

    assert.deepEqual(
      ['secret-1', 'secret-2', 'secret-3'].map((secret) => findApiKey(known, secret, noon)?.id),
      ['crm', 'finance', 'test'],
    );
  });

  test('that nobody knows, the empty one and a digest in place of a key are none', () => {
    const known = [keyOf('crm', 'secret-1')];

    for (const given of ['', 'secret', 'secret-11', digestApiKey('secret-1')])
      assert.equal(findApiKey(known, given, noon), undefined, given);
    assert.equal(findApiKey([], 'secret-1', noon), undefined);
  });

  test('work until the second they expire', () => {
    const known = [keyOf('crm', 'secret-1', { expiresAt: '2026-11-21T12:00:00Z' })];

    assert.equal(findApiKey(known, 'secret-1', new Date(noon.getTime() - 1))?.id, 'crm');
    assert.equal(findApiKey(known, 'secret-1', noon), undefined);
  });

  test('can be replaced: the old and the new one work side by side', () => {
    const known = [
      keyOf('crm', 'old-secret', { expiresAt: '2026-12-01T00:00:00Z' }),
      keyOf('crm', 'new-secret'),
    ];

    assert.equal(findApiKey(known, 'old-secret', noon)?.id, 'crm');
    assert.equal(findApiKey(known, 'new-secret', noon)?.id, 'crm');
  });

  test('with a broken digest match nothing', () => {
    const known = [{ id: 'broken', sha256: 'not hex', scopes: [] }];

    assert.equal(findApiKey(known, 'not hex', noon), undefined);
  });
});

describe('Secrets', () => {
  test('are the same only when every character is', () => {
    assert.equal(isSameSecret('cron-secret', 'cron-secret'), true);
    for (const other of ['', 'cron-secre', 'cron-secrets', 'Cron-secret'])
      assert.equal(isSameSecret('cron-secret', other), false, other);
  });
});
