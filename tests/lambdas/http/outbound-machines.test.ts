import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sayAndHangUpTwiml, twimlCharsMax } from '#adapters/twilio/twiml.ts';
import { createCallStatus } from '#lambdas/http/call-status.ts';
import {
  type Answer,
  invoke,
  type TestFunctions,
  testFunctions,
  webhookEvent,
} from '#tests/lambdas/functions.ts';

import { call, firstSid, order, type Parts } from './orders.ts';

describe('A machine that answers', () => {
  const tell = (functions: TestFunctions, answeredBy: string) => {
    const url = new URL(functions.carrier.placed[0]?.machineDetection?.callbackUrl ?? 'http://none');
    const params = { CallSid: firstSid, AnsweredBy: answeredBy, MachineDetectionDuration: '3500' };
    return invoke(
      createCallStatus(functions.load),
      webhookEvent({ path: url.pathname, query: url.search.slice(1), params }),
    );
  };

  test('is given the message after its beep, and a person is left in peace', async () => {
    const functions = testFunctions();
    const answeringMachine = { action: 'leave-message', message: 'Please call us back.' };
    await call(functions, { body: { ...order, answeringMachine } });

    await tell(functions, 'human');
    const untilNow = functions.carrier.changes.length;
    await tell(functions, 'machine_end_beep');

    assert.equal(functions.carrier.placed[0]?.machineDetection?.until, 'end-of-greeting');
    assert.equal(untilNow, 0);
    const [[callSid, twiml] = []] = functions.carrier.changes;
    assert.equal(callSid, firstSid);
    assert.match(twiml ?? '', /<Say[^>]*>Please call us back\.<\/Say><Hangup\/>/);
    assert.equal((await functions.services.store.find(firstSid))?.answeredBy, 'machine_end_beep');
  });

  test('is hung up on where that was ordered', async () => {
    const functions = testFunctions();
    await call(functions, { body: { ...order, answeringMachine: { action: 'hang-up' } } });

    await tell(functions, 'machine_start');

    assert.equal(functions.carrier.placed[0]?.machineDetection?.until, 'known');
    assert.deepEqual(functions.carrier.changes, [[firstSid, 'hang-up']]);
  });

  test('that may be a person is not hung up on', async () => {
    const functions = testFunctions();
    await call(functions, { body: { ...order, answeringMachine: { action: 'hang-up' } } });

    await tell(functions, 'unknown');

    assert.deepEqual(functions.carrier.changes, []);
  });
});

describe('A message for a machine', () => {
  const leaving = (message: string): Parts => ({
    body: { ...order, answeringMachine: { action: 'leave-message', message } },
  });
  const fieldsOf = (answer: Answer) => (answer.json as { error: { fields: string[] } }).error.fields;

  test('that is longer than the carrier takes once it is written as XML is refused before anybody is called', async () => {
    for (const letter of ['&', '<', '>', '&<']) {
      const functions = testFunctions();

      const answer = await call(functions, leaving(letter.repeat(1_000 / letter.length)));

      const shorter = /is (\d+) characters too long/.exec(fieldsOf(answer)[0] ?? '')?.[1];
      assert.equal(answer.status, 400);
      assert.match(
        fieldsOf(answer)[0] ?? '',
        /^answeringMachine\.message: .*shorten it, or write them as words$/,
      );
      assert.ok(Number(shorter) > 0);
      assert.equal(functions.carrier.placed.length, 0);
    }
  });

  test('is taken up to the last character that the carrier takes, and arrives whole', async () => {
    const around = sayAndHangUpTwiml('x').length - 1;
    const fits = Math.floor((twimlCharsMax - around) / '&amp;'.length);
    const [good, bad] = [testFunctions(), testFunctions()];
    const longest = async (functions: TestFunctions, count: number) =>
      call(functions, leaving('&'.repeat(count)));

    const taken = await longest(good, fits);
    const refused = await longest(bad, fits + 1);
    const url = new URL(good.carrier.placed[0]?.machineDetection?.callbackUrl ?? 'http://none');
    const params = { CallSid: firstSid, AnsweredBy: 'machine_end_beep', MachineDetectionDuration: '3500' };
    await invoke(
      createCallStatus(good.load),
      webhookEvent({ path: url.pathname, query: url.search.slice(1), params }),
    );

    assert.deepEqual([taken.status, refused.status], [201, 400]);
    const [[, twiml = ''] = []] = good.carrier.changes;
    assert.ok(twiml.length <= twimlCharsMax && twiml.length > twimlCharsMax - 10, String(twiml.length));
    assert.equal(twiml.split('&amp;').length - 1, fits);
  });

  test('of a thousand plain characters is taken', async () => {
    assert.equal((await call(testFunctions(), leaving('é'.repeat(1_000)))).status, 201);
  });

  test('that has nothing to read out is refused', async () => {
    const answer = await call(testFunctions(), leaving('\u0001\u0002'));

    assert.equal(answer.status, 400);
    assert.deepEqual(fieldsOf(answer), [
      'answeringMachine.message: holds nothing that can be read out: give it words',
    ]);
  });
});
