import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { phoneMapSchema } from '#core/calls/phone-map.ts';

describe('The map of our numbers', () => {
  test('gives a number a role, a voice and a person behind it, all of them or none', () => {
    const map = {
      '+14155550100': { role: 'judge', voice: 'some-voice', transferTo: '+14155550111' },
      '+14155550101': {},
    };

    assert.deepEqual(phoneMapSchema.parse(map), map);
  });

  for (const [what, map] of [
    ['a number without +', { '4155550100': {} }],
    ['a role that nobody has', { '+14155550100': { role: 'wizard' } }],
    ['a transfer to something that cannot be dialled', { '+14155550100': { transferTo: '911' } }],
    ['a voice too long for a stream token', { '+14155550100': { voice: 'v'.repeat(65) } }],
  ] as const)
    test(`is refused with ${what}`, () => {
      assert.equal(phoneMapSchema.safeParse(map).success, false);
    });
});
