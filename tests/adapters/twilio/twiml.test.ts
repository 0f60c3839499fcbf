import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  connectStreamTwiml,
  dialTwiml,
  hangUpTwiml,
  rejectTwiml,
  sayAndHangUpTwiml,
} from '#adapters/twilio/twiml.ts';

const prolog = '<?xml version="1.0" encoding="UTF-8"?>';
const stream = {
  streamUrl: 'wss://media.example.com/call/stream',
  actionUrl: 'https://voice.example.com/call/stream-ended',
  parameters: { token: 'a.b+c/d=' },
};

describe('an answer that connects a call to the media service', () => {
  test('names the stream, what it is told, and who is asked when it is over', () => {
    assert.equal(
      connectStreamTwiml(stream),
      `${prolog}<Response><Connect action="https://voice.example.com/call/stream-ended" method="POST">` +
        '<Stream url="wss://media.example.com/call/stream"><Parameter name="token" value="a.b+c/d="/></Stream>' +
        '</Connect></Response>',
    );
  });

  test('asks to be told how the stream goes, when there is an address for it', () => {
    const twiml = connectStreamTwiml({ ...stream, statusCallbackUrl: 'https://voice.example.com/s?a=1&b=2' });

    assert.match(
      twiml,
      / statusCallback="https:\/\/voice\.example\.com\/s\?a=1&amp;b=2" statusCallbackMethod="POST"/,
    );
  });

  test('keeps a parameter whole, whatever letters it has', () => {
    const twiml = connectStreamTwiml({ ...stream, parameters: { 'a"b': '<é> & "q"' } });

    assert.ok(twiml.includes('name="a&quot;b" value="&lt;é> &amp; &quot;q&quot;"'), twiml);
  });

  test('is not given with an address that Twilio would not open', () => {
    const wrong = [
      'https://media.example.com/call/stream',
      'ws://media.example.com/call/stream',
      'ws://127.0.0.1.example.com/call/stream',
      'wss://media.example.com/call/stream?token=1',
      'wss://media.example.com/call/stream#part',
      '/call/stream',
    ];

    for (const streamUrl of wrong)
      assert.throws(() => connectStreamTwiml({ ...stream, streamUrl }), streamUrl);
  });

  test('may be given with a plain address of this machine', () => {
    for (const host of ['127.0.0.1:8080', 'localhost:8080', '[::1]:8080'])
      assert.match(
        connectStreamTwiml({ ...stream, streamUrl: `ws://${host}/call/stream` }),
        /<Stream url="ws:/,
      );
  });

  test('is not given with a parameter of 500 characters, its name counted', () => {
    const withToken = (length: number) =>
      connectStreamTwiml({ ...stream, parameters: { token: 'x'.repeat(length - 'token'.length) } });

    assert.match(withToken(499), /x{494}/);
    assert.throws(() => withToken(500), RangeError);
  });
});

describe('an answer that says a sentence', () => {
  test('reads it out and hangs up', () => {
    assert.equal(
      sayAndHangUpTwiml('We are closed & will <call> you.'),
      `${prolog}<Response><Say voice="Polly.Joanna">We are closed &amp; will &lt;call&gt; you.</Say>` +
        '<Hangup/></Response>',
    );
  });

  test('uses the voice and the language it is given', () => {
    const twiml = sayAndHangUpTwiml('Adiós', { voice: 'Polly.Lupe', language: 'es-US' });

    assert.match(twiml, /<Say voice="Polly\.Lupe" language="es-US">Adiós<\/Say>/);
  });

  test('is always valid: what XML cannot hold is left out, an emoji is kept, too much is cut', () => {
    assert.match(sayAndHangUpTwiml('a\u0000b\u000bc\ud800d😀'), /<Say[^>]*>abcd😀<\/Say>/);

    const cutInAnEmoji = sayAndHangUpTwiml(`${'x'.repeat(4_095)}😀`);
    assert.match(cutInAnEmoji, /<Say[^>]*>x{4095}<\/Say>/);
  });
});

describe('an answer that ends or passes on a call', () => {
  test('hangs up', () => {
    assert.equal(hangUpTwiml(), `${prolog}<Response><Hangup/></Response>`);
  });

  test('refuses before the call costs anything', () => {
    assert.equal(rejectTwiml('busy'), `${prolog}<Response><Reject reason="busy"/></Response>`);
  });

  test('rings a person for a bounded time and asks what comes next', () => {
    const twiml = dialTwiml({
      number: '+14155550100',
      callerId: '+18005550199',
      actionUrl: 'https://voice.example.com/call/stream-ended',
      timeoutSecs: 25,
      timeLimitSecs: 14_400,
      say: 'One moment.',
    });

    assert.match(twiml, /<Response><Say voice="Polly\.Joanna">One moment\.<\/Say><Dial /);
    for (const attribute of [
      'action="https://voice.example.com/call/stream-ended"',
      'method="POST"',
      'timeout="25"',
      'timeLimit="14400"',
      'callerId="+18005550199"',
    ])
      assert.ok(twiml.includes(attribute), attribute);
    assert.match(twiml, /<Number>\+14155550100<\/Number><\/Dial><\/Response>$/);
  });

  test('shows no caller id of ours when none is given', () => {
    const twiml = dialTwiml({ number: '+14155550100', actionUrl: '/n', timeoutSecs: 5, timeLimitSecs: 60 });

    assert.ok(!twiml.includes('callerId'));
    assert.ok(!twiml.includes('<Say'));
  });
});
