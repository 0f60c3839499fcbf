import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createKeyedHash } from '#adapters/crypto/keyed-hash.ts';

describe('The hash of a phone number', () => {
  test('is the same for the same number and key, in every process', () => {
    // printf %s +14155550100 | openssl dgst -sha256 -hmac key
    assert.equal(createKeyedHash('key')('+14155550100'), '8622b0f031ce91a4e6207cfdae1fccae');
    assert.equal(createKeyedHash('key')('+14155550100'), createKeyedHash('key')('+14155550100'));
  });

  test('is another one for another number, and for another key', () => {
    const hashes = [
      createKeyedHash('key')('+14155550100'),
      createKeyedHash('key')('+14155550101'),
      createKeyedHash('other')('+14155550100'),
    ];

    assert.equal(new Set(hashes).size, 3);
  });

  test('has 32 hex digits and nothing of the number', () => {
    for (const number of ['+14155550100', 'anonymous', '', 'client:анна'])
      assert.match(createKeyedHash('key')(number), /^[0-9a-f]{32}$/);
  });
});
