import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { WebhookParameters } from '#adapters/twilio/request-signature.ts';
import {
  parseFormBody,
  parseIncomingCall,
  parseStatusCallback,
  parseStreamEnded,
} from '#adapters/twilio/webhooks.ts';

const CallSid = `CA${'1'.repeat(32)}`;
const AccountSid = `AC${'2'.repeat(32)}`;

const understood = <T>(parsed: { ok: true; value: T } | { ok: false; problem: string }): T => {
  assert.ok(parsed.ok, 'problem' in parsed ? parsed.problem : '');
  return parsed.value;
};

describe('a form body', () => {
  test('keeps every parameter, decoded, empty ones too', () => {
    const params = parseFormBody(
      'CallSid=CA1&From=%2B14155550100&Digits=&SpeechResult=caf%C3%A9+au+lait&New=1',
    );

    assert.deepEqual(
      { ...params },
      { CallSid: 'CA1', From: '+14155550100', Digits: '', SpeechResult: 'café au lait', New: '1' },
    );
  });

  test('keeps every value of a repeated parameter, in order', () => {
    assert.deepEqual({ ...parseFormBody('Tag=b&Other=1&Tag=a&Tag=b') }, { Tag: ['b', 'a', 'b'], Other: '1' });
  });

  test('takes names that mean something to JavaScript as names', () => {
    const params = parseFormBody('__proto__=1&constructor=2&toString=3');

    assert.deepEqual(Object.keys(params), ['__proto__', 'constructor', 'toString']);
    assert.equal(params['toString'], '3');
  });

  test('of nonsense, or of far too much, is read without failing', () => {
    assert.deepEqual({ ...parseFormBody('') }, {});
    assert.deepEqual(Object.keys(parseFormBody('%E0%A4%A&=&&%')), ['\ufffd%A', '', '%']);
    assert.equal(
      Object.keys(parseFormBody(Array.from({ length: 999 }, (_, i) => `p${i}=1`).join('&'))).length,
      200,
    );
  });
});

describe('an incoming call', () => {
  const ringing = { CallSid, AccountSid, From: '+14155550100', To: '+18005550199', CallStatus: 'ringing' };

  test('is known by its id, with both numbers as they came', () => {
    const call = understood(
      parseIncomingCall({ ...ringing, Direction: 'inbound', ToCity: '', StirVerstat: 'x' }),
    );

    assert.equal(call.CallSid, CallSid);
    assert.deepEqual([call.From, call.To], ['+14155550100', '+18005550199']);
    assert.deepEqual([call.CallStatus, call.Direction, call.StirVerstat], ['ringing', 'inbound', 'x']);
  });

  test('may come from somebody without a number, or from something longer than one', () => {
    const from = ['anonymous', 'client:web-visitor', `sip:${'a'.repeat(400)}@example.com`, ''];

    for (const From of from) assert.equal(understood(parseIncomingCall({ ...ringing, From })).From, From);
    assert.equal(understood(parseIncomingCall({ CallSid })).From, '');
  });

  test('is answered even when a detail of it is new to us', () => {
    const call = understood(parseIncomingCall({ ...ringing, CallStatus: 'dreaming', AccountSid: 'new' }));

    assert.deepEqual([call.CallStatus, call.AccountSid], [undefined, undefined]);
  });

  test('is none without an id, and the complaint repeats no value', () => {
    const parsed = parseIncomingCall({ ...ringing, CallSid: 'CA-wrong' });

    assert.deepEqual(parsed, { ok: false, problem: 'missing or wrong: CallSid' });
  });
});

describe('the end of a stream', () => {
  test('needs nothing but the call', () => {
    assert.deepEqual(understood(parseStreamEnded({ CallSid })), { CallSid });
  });

  test('tells how dialling a person went', () => {
    for (const DialCallStatus of ['completed', 'answered', 'busy', 'no-answer', 'failed', 'canceled'])
      assert.equal(understood(parseStreamEnded({ CallSid, DialCallStatus })).DialCallStatus, DialCallStatus);
  });

  test('is understood even with a dial status that is new to us', () => {
    assert.equal(understood(parseStreamEnded({ CallSid, DialCallStatus: 'odd' })).DialCallStatus, undefined);
  });
});

describe('a status callback', () => {
  const read = (params: WebhookParameters) =>
    understood(parseStatusCallback({ CallSid, AccountSid, ...params }));

  test('tells the progress of a call, with its place in the order', () => {
    const callback = read({ CallStatus: 'in-progress', SequenceNumber: '2', Timestamp: 'x' });

    assert.ok(callback.kind === 'progress');
    assert.deepEqual(
      [callback.status, callback.sequence, callback.durationSecs],
      ['in-progress', 2, undefined],
    );
  });

  test('tells at the end how long the call was and why it failed', () => {
    const done = read({ CallStatus: 'completed', SequenceNumber: '3', CallDuration: '61', Duration: '2' });
    const failed = read({
      CallStatus: 'no-answer',
      CallDuration: '0',
      SipResponseCode: '487',
      ErrorCode: '13224',
    });

    assert.ok(done.kind === 'progress' && failed.kind === 'progress');
    assert.equal(done.durationSecs, 61);
    assert.deepEqual([failed.durationSecs, failed.sipResponseCode, failed.errorCode], [0, 487, 13_224]);
  });

  test('counts for its status even when its numbers are missing or odd', () => {
    for (const odd of [
      {},
      { SequenceNumber: '', CallDuration: '' },
      { SequenceNumber: '-1', CallDuration: '1.5' },
    ]) {
      const callback = read({ CallStatus: 'completed', ...odd });

      assert.ok(callback.kind === 'progress');
      assert.deepEqual(
        [callback.status, callback.sequence, callback.durationSecs],
        ['completed', undefined, undefined],
      );
    }
  });

  test('with every status Twilio has is understood; another one is not guessed', () => {
    const statuses = 'queued initiated ringing in-progress completed busy failed no-answer canceled'.split(
      ' ',
    );

    for (const CallStatus of statuses) assert.equal(read({ CallStatus }).kind, 'progress');
    const problem = parseStatusCallback({ CallSid, CallStatus: 'dreaming' });
    assert.deepEqual(problem, { ok: false, problem: 'missing or wrong: CallStatus' });
  });

  test('of a finished recorded call is progress; of the recording is another thing', () => {
    const recorded = { RecordingSid: 'RE1', RecordingUrl: 'https://x/RE1', RecordingDuration: '12' };

    const progress = read({ CallStatus: 'completed', ...recorded });
    const recording = read({ RecordingStatus: 'completed', ...recorded });

    assert.equal(progress.kind, 'progress');
    assert.deepEqual(recording, {
      kind: 'recording',
      callSid: CallSid,
      recordingSid: 'RE1',
      status: 'completed',
      durationSecs: 12,
      url: 'https://x/RE1',
    });
  });

  test('tells who answered, by itself or with the progress', () => {
    assert.deepEqual(read({ AnsweredBy: 'machine_start', MachineDetectionDuration: '2300' }), {
      kind: 'answered-by',
      callSid: CallSid,
      answeredBy: 'machine_start',
      detectionMs: 2_300,
    });
    const progress = read({ CallStatus: 'in-progress', AnsweredBy: 'human' });
    assert.ok(progress.kind === 'progress');
    assert.deepEqual([progress.status, progress.answeredBy], ['in-progress', 'human']);
  });

  test('tells what became of a stream', () => {
    const StreamSid = `MZ${'3'.repeat(32)}`;

    assert.deepEqual(read({ StreamEvent: 'stream-error', StreamSid, StreamError: '31920', StreamName: '' }), {
      kind: 'stream',
      callSid: CallSid,
      event: 'stream-error',
      streamSid: StreamSid,
      error: '31920',
    });
  });

  test('without a call, or about nothing, is none', () => {
    assert.equal(parseStatusCallback({ CallStatus: 'completed' }).ok, false);
    assert.equal(parseStatusCallback({ CallSid }).ok, false);
  });
});
