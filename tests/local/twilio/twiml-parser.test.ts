import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { connectStreamTwiml, dialTwiml, rejectTwiml, sayAndHangUpTwiml } from '#adapters/twilio/twiml.ts';
import { TwilioFailure } from '#local/twilio/failure.ts';
import { parseTwiml } from '#local/twilio/twiml-parser.ts';

const document = (inside: string) => `<?xml version="1.0" encoding="UTF-8"?><Response>${inside}</Response>`;

function codeOf(xml: string): number {
  try {
    parseTwiml(xml);
  } catch (error) {
    assert.ok(error instanceof TwilioFailure);
    return error.code;
  }
  return assert.fail(`was accepted: ${xml}`);
}

describe('TwiML', () => {
  test('of our own answers is understood word for word', () => {
    const parameters = { token: 'a&b"<>\'é', role: 'parent' };
    const [connect] = parseTwiml(
      connectStreamTwiml({
        streamUrl: 'wss://media.example.com/call/stream',
        actionUrl: 'https://api.example.com/call/stream-ended?x=1&y=2',
        statusCallbackUrl: 'https://api.example.com/call/status',
        parameters,
      }),
    );

    const stream = connect?.children[0];
    assert.equal(connect?.attributes['action'], 'https://api.example.com/call/stream-ended?x=1&y=2');
    assert.equal(stream?.attributes['url'], 'wss://media.example.com/call/stream');
    assert.deepEqual(
      Object.fromEntries(stream?.children.map(({ attributes: a }) => [a['name'], a['value']]) ?? []),
      parameters,
    );
  });

  test('of our own refusals, transfers and announcements is understood', () => {
    const said = parseTwiml(sayAndHangUpTwiml('Tom & Ana say: 1 < 2'));
    const dialled = parseTwiml(
      dialTwiml({
        number: '+12025550111',
        actionUrl: 'https://a.example/x',
        timeoutSecs: 25,
        timeLimitSecs: 60,
      }),
    );

    assert.deepEqual(
      said.map(({ name, text }) => [name, text]),
      [
        ['Say', 'Tom & Ana say: 1 < 2'],
        ['Hangup', ''],
      ],
    );
    assert.equal(dialled[0]?.children[0]?.text, '+12025550111');
    assert.equal(parseTwiml(rejectTwiml('busy'))[0]?.attributes['reason'], 'busy');
  });

  test('may hold comments, CDATA, references and a byte order mark', () => {
    const [say] = parseTwiml(
      `\uFEFF${document('<!-- a --><Say>&#72;i<![CDATA[ & <you>]]></Say><!-- b -->')}\n`,
    );

    assert.equal(say?.text, 'Hi & <you>');
  });

  for (const [what, xml] of [
    ['nothing', ''],
    ['no XML', 'Hello'],
    ['a document without <Response>', '<Say>Hi</Say>'],
    ['an element that is not closed', '<Response><Say>Hi</Response>'],
    ['elements closed in the wrong order', '<Response><Gather><Say>Hi</Gather></Say></Response>'],
    ['a bare ampersand', document('<Say>Tom & Ana</Say>')],
    ['an unknown entity', document('<Say>&nbsp;</Say>')],
    ['a character that XML does not allow', document('<Say>a\u0001b</Say>')],
    ['a reference to such a character', document('<Say>&#1;</Say>')],
    ['an attribute twice', document('<Pause length="1" length="2"/>')],
    ['an attribute without quotes', document('<Pause length=1/>')],
    ['something after the end', `${document('')}<Say>Hi</Say>`],
    ['space before the declaration', ` ${document('')}`],
    ['a document type', '<!DOCTYPE x [<!ENTITY e "x">]><Response/>'],
    ['a comment that is not closed', '<Response><!-- </Response>'],
    ['elements without end', '<Response>'.repeat(100)],
  ] as const)
    test(`with ${what} does not parse (12100)`, () => {
      assert.equal(codeOf(xml), 12_100);
    });

  for (const [what, inside] of [
    ['an unknown verb', '<Shout>Hi</Shout>'],
    ['a verb in the wrong case', '<say>Hi</say>'],
    ['an unknown attribute', '<Say tone="kind">Hi</Say>'],
    ['a value that an attribute cannot have', '<Reject reason="tired"/>'],
    ['a method that is neither GET nor POST', '<Redirect method="PUT">/x</Redirect>'],
    ['a noun at the wrong place', '<Stream url="wss://a.example/"/>'],
    ['an empty <Connect>', '<Connect/>'],
    ['two streams in one <Connect>', '<Connect><Stream url="wss://a/"/><Stream url="wss://a/"/></Connect>'],
    [
      'a parameter without a value',
      '<Connect><Stream url="wss://a/"><Parameter name="x"/></Stream></Connect>',
    ],
    ['text between verbs', 'Hello'],
    ['an empty <Say>', '<Say/>'],
    ['speech input, which is not simulated', '<Gather input="speech"/>'],
    ['a <Dial> to nobody', '<Dial/>'],
    ['eleven numbers in one <Dial>', `<Dial>${'<Number>+12025550111</Number>'.repeat(11)}</Dial>`],
  ] as const)
    test(`with ${what} is refused (12200)`, () => {
      assert.equal(codeOf(document(inside)), 12_200);
    });

  test('has its limits: 64 KB a document, 4096 characters a <Say>', () => {
    assert.equal(codeOf(document(`<!--${'x'.repeat(64 * 1024)}-->`)), 11_750);
    assert.equal(codeOf(document(`<Say>${'x'.repeat(4_097)}</Say>`)), 13_520);
    assert.equal(parseTwiml(document(`<Say>${'x'.repeat(4_096)}</Say>`)).length, 1);
  });
});
