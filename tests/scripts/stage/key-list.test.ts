import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { digestApiKey, findApiKey } from '#adapters/crypto/api-keys.ts';
import { UsageError } from '#local/command-line.ts';
import {
  describeKey,
  type KeyList,
  keyListSchema,
  withKey,
  withoutKey,
} from '../../../scripts/stage/key-list.ts';

const now = new Date('2026-11-21T12:00:00Z');
const crm = { id: 'crm', sha256: digestApiKey('first'), scopes: ['calls:write'] } as const;

describe('The list of keys', () => {
  test('holds two keys of a client while it changes, and both are good', () => {
    const changing = withKey(withKey([], crm), { ...crm, id: 'crm-2', sha256: digestApiKey('second') });
    const kept = keyListSchema.parse(JSON.stringify(changing));

    assert.deepEqual(
      ['first', 'second', 'third'].map((key) => findApiKey(kept, key, now)?.id),
      ['crm', 'crm-2', undefined],
    );
  });

  test('forgets a key that was revoked, and only that one', () => {
    const both: KeyList = withKey(withKey([], crm), { ...crm, id: 'crm-2', sha256: digestApiKey('second') });

    assert.deepEqual(
      withoutKey(both, 'crm').map(({ id }) => id),
      ['crm-2'],
    );
    assert.throws(() => withoutKey(both, 'other'), UsageError);
  });

  test('takes no id twice, and none that is none', () => {
    const keys = withKey([], crm);

    assert.throws(() => withKey(keys, crm), /create "crm-2", then revoke "crm"/);
    for (const id of ['', 'CRM', 'a b', '-x']) assert.throws(() => withKey(keys, { ...crm, id }), UsageError);
  });

  test('is shown without anything that could be used', () => {
    const [key] = withKey([], { ...crm, expiresAt: '2026-11-21T11:00:00.000Z' });
    if (!key) throw new Error('There is a key');

    const line = describeKey(key, now);

    assert.equal(line, 'crm  calls:write  EXPIRED 2026-11-21T11:00:00.000Z');
    assert.equal(line.includes(crm.sha256), false);
  });
});
