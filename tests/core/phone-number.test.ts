import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskPhoneNumber, normalizePhoneNumber } from '#core/phone-number.ts';

test('a number with a plus is read whatever stands between its digits', () => {
  const expected = { kind: 'e164', number: '+14155550123' };

  for (const raw of [
    '+14155550123',
    ' +1 (415) 555-0123 ',
    '+1.415.555.0123',
    '+1\u00a0415\u2011555\u20110123',
  ])
    assert.deepEqual(normalizePhoneNumber(raw), expected);
});

test('a number is never completed by guessing', () => {
  for (const raw of ['4155550123', '+0155550123', '+123', '+1234567890123456', '911', '+1415555012x'])
    assert.deepEqual(normalizePhoneNumber(raw), { kind: 'unreadable' }, raw);
});

test('a hidden number is told apart from an unknown one, in words or as keypad digits', () => {
  for (const raw of ['anonymous', 'Anonymous', 'RESTRICTED', '+266696687', '+7378742833', 'private'])
    assert.deepEqual(normalizePhoneNumber(raw), { kind: 'withheld', word: 'anonymous' }, raw);
  for (const raw of ['unknown', '', '  ', '+8656696'])
    assert.deepEqual(normalizePhoneNumber(raw), { kind: 'withheld', word: 'unknown' }, raw);
});

test('browser and SIP parties keep their address', () => {
  assert.deepEqual(normalizePhoneNumber('client:visitor-7'), { kind: 'client', identity: 'visitor-7' });
  assert.deepEqual(normalizePhoneNumber('sip:desk@example.org'), {
    kind: 'sip',
    address: 'desk@example.org',
  });
  assert.deepEqual(normalizePhoneNumber('SIPS:desk@example.org'), {
    kind: 'sip',
    address: 'desk@example.org',
  });
  assert.deepEqual(normalizePhoneNumber('client:'), { kind: 'unreadable' });
});

test('a masked number shows only its last digits', () => {
  assert.equal(maskPhoneNumber('+14155550123'), '+1******0123');
  assert.equal(maskPhoneNumber('+442079460958'), '+********0958');
  assert.equal(maskPhoneNumber('+1234567'), '+*****67');
});

test('a mask never shows an address, an identity or an unreadable value', () => {
  assert.equal(maskPhoneNumber('anonymous'), 'anonymous');
  assert.equal(maskPhoneNumber('unknown'), 'unknown');
  assert.equal(maskPhoneNumber('client:jane.doe'), 'client:***');
  assert.equal(maskPhoneNumber('sip:jane@example.org'), 'sip:***');
  assert.equal(maskPhoneNumber('4155550123'), '***');
});
