import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { afterStream, type DialEnd } from '#core/calls/after-stream.ts';
import { outcomes } from '#core/records/call-record.ts';
import { callRecord } from '#tests/support/calls.ts';

const hangUp = { do: 'hang-up' };
const apologise = { do: 'apologise' };

describe('When the stream of a call is over', () => {
  test('a call that ended as it should is hung up; one that did not is not left without a word', () => {
    const failed = ['failed', 'lost'];

    for (const outcome of outcomes)
      assert.deepEqual(
        afterStream(callRecord({ outcome }), undefined),
        failed.includes(outcome) ? apologise : hangUp,
        outcome,
      );
  });

  test('a caller whose stream never connected or broke off hears a sentence', () => {
    assert.deepEqual(afterStream(callRecord({ status: 'ringing' }), undefined), apologise);
    assert.deepEqual(afterStream(callRecord({ status: 'in-progress' }), undefined), apologise);
  });

  test('a caller of whom nothing is known hears a sentence', () => {
    assert.deepEqual(afterStream(undefined, undefined), apologise);
  });

  test('a machine hears no apology for the stream that its message has cut; a person does', () => {
    const answeredBy = (who: string) =>
      afterStream(callRecord({ direction: 'outbound', answeredBy: who }), undefined);

    for (const who of ['machine_start', 'machine_end_beep', 'fax'])
      assert.deepEqual(answeredBy(who), hangUp, who);
    for (const who of ['human', 'unknown']) assert.deepEqual(answeredBy(who), apologise, who);
  });

  test('a transfer that was promised is made', () => {
    const record = callRecord({
      nextStep: 'transfer',
      transferTo: '+14155550111',
      outcome: 'transferred',
    });

    assert.deepEqual(afterStream(record, undefined), { do: 'dial', number: '+14155550111' });
  });

  test('a transfer to nobody is not made up', () => {
    assert.deepEqual(
      afterStream(callRecord({ nextStep: 'transfer', outcome: 'transferred' }), undefined),
      hangUp,
    );
    assert.deepEqual(afterStream(callRecord({ nextStep: 'transfer' }), undefined), apologise);
  });

  const record = callRecord({ nextStep: 'transfer', transferTo: '+14155550111', outcome: 'transferred' });
  for (const dial of ['completed', 'answered'] as const satisfies readonly DialEnd[])
    test(`a transfer that was ${dial} ends the call and does not ring again`, () => {
      assert.deepEqual(afterStream(record, dial), hangUp);
    });
  for (const dial of ['busy', 'no-answer', 'failed', 'canceled'] as const satisfies readonly DialEnd[])
    test(`a transfer that ended ${dial} brings the caller back, or is told where nothing is known of the call`, () => {
      assert.deepEqual(afterStream(record, dial), { do: 'return', record });
      assert.deepEqual(afterStream(undefined, dial), apologise);
    });
});
