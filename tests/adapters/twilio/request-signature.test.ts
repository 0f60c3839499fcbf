import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { isSignedUpgrade, isSignedWebhook, signWebhook } from '#adapters/twilio/request-signature.ts';
import { parseFormBody } from '#adapters/twilio/webhooks.ts';

const authTokens = ['0123456789abcdef0123456789abcdef'];

const voiceUrl = 'https://voice.example.com/twilio/voice?tenant=7&env=prod';
const voiceSignature = 'vpTxYN9Xpn8HhpfaD2ooVNS/EBE=';
const params = {
  CallSid: 'CA00000000000000000000000000000001',
  AccountSid: 'AC00000000000000000000000000000001',
  From: '+14155550100',
  To: '+18005550199',
  CallStatus: 'ringing',
  Direction: 'inbound',
  ApiVersion: '2010-04-01',
};

describe('a webhook signature', () => {
  const signed = (url: string, signature: string | undefined = voiceSignature) =>
    isSignedWebhook({ authTokens, signature, url, params });

  test('is accepted over the URL Twilio called, whatever the port or the case of the host', () => {
    assert.equal(signed(voiceUrl), true);
    assert.equal(signed(voiceUrl.replace('.com/', '.com:443/')), true);
    assert.equal(signed(voiceUrl.replace('.com/', '.com:8443/')), true);
    assert.equal(signed(voiceUrl.replace('voice.example.com', 'VOICE.Example.COM')), true);
  });

  test('is refused over another path, scheme, query order or parameters', () => {
    assert.equal(signed(voiceUrl.replace('/voice?', '/voice/?')), false);
    assert.equal(signed(voiceUrl.replace('https:', 'http:')), false);
    assert.equal(signed('https://voice.example.com/twilio/voice?env=prod&tenant=7'), false);
    assert.equal(
      isSignedWebhook({
        authTokens,
        signature: voiceSignature,
        url: voiceUrl,
        params: { ...params, From: '+14155550101' },
      }),
      false,
    );
  });

  test('is refused, not thrown over, when it is missing, empty or the URL is relative', () => {
    assert.equal(isSignedWebhook({ authTokens, signature: undefined, url: voiceUrl, params }), false);
    assert.equal(signed(voiceUrl, ''), false);
    assert.equal(signed('/twilio/voice'), false);
  });

  test('covers empty, repeated and non-ASCII values', () => {
    const accepted = isSignedWebhook({
      authTokens,
      signature: 'mT55YlFgAa/+5NoWurWkEryi/Gg=',
      url: 'https://voice.example.com/twilio/multi',
      params: { Digits: '', SpeechResult: 'café au lait', Tag: ['b', 'a', 'b'] },
    });

    assert.equal(accepted, true);
  });

  test('covers the hash of a JSON body, and the body must match it byte for byte', () => {
    const hash = '451bcf4ede3755ed5e310a6444870be209c3fcd72f4040120e2234f4d8afca22';
    const url = `https://voice.example.com/twilio/json?bodySHA256=${hash}`;
    const signature = '2sSCRPPdB0WX3H6c/2IXHMfNs+g=';

    assert.equal(isSignedWebhook({ authTokens, signature, url, rawBody: '{"event":"done","n":1}' }), true);
    assert.equal(isSignedWebhook({ authTokens, signature, url, rawBody: '{"event":"done","n":2}' }), false);
  });

  test('covers a body of any bytes, and a body without a signed hash is refused', () => {
    const rawBody = Uint8Array.from([0x7b, 0xff, 0xfe, 0x7d]);
    const hash = createHash('sha256').update(rawBody).digest('hex');
    const url = `https://voice.example.com/twilio/json?bodySHA256=${hash}`;
    const bare = 'https://voice.example.com/twilio/json';
    const sign = (signed: string) => signWebhook(authTokens[0] ?? '', signed, {});

    assert.equal(isSignedWebhook({ authTokens, signature: sign(url), url, rawBody }), true);
    assert.equal(isSignedWebhook({ authTokens, signature: sign(bare), url: bare, rawBody }), false);
    assert.equal(isSignedWebhook({ authTokens, signature: sign(bare), url, rawBody }), false);
  });

  test('of a GET request covers its address only', () => {
    const signature = getExpectedTwilioSignature(authTokens[0] ?? '', voiceUrl, {});

    assert.equal(isSignedWebhook({ authTokens, signature, url: voiceUrl, params: {} }), true);
    assert.equal(isSignedWebhook({ authTokens, signature, url: voiceUrl, params: { a: '1' } }), false);
  });

  test('covers every parameter of a form as it came over the wire', () => {
    const body = 'Tag=b&SpeechResult=caf%C3%A9+au+lait&Digits=&Tag=a&Tag=b';
    const url = 'https://voice.example.com/twilio/multi';
    const signature = 'mT55YlFgAa/+5NoWurWkEryi/Gg=';

    assert.equal(isSignedWebhook({ authTokens, signature, url, params: parseFormBody(body) }), true);
    const more = parseFormBody(`${body}&__proto__=x`);
    assert.equal(isSignedWebhook({ authTokens, signature, url, params: more }), false);
  });

  test('does not cover the fragment, which Twilio keeps to itself', () => {
    assert.equal(signed(`${voiceUrl}#rc=2`), true);
  });

  test('made with an empty token opens nothing, even where an empty token is configured', () => {
    const signature = getExpectedTwilioSignature('', voiceUrl, params);

    assert.equal(
      isSignedWebhook({ authTokens: ['', ...authTokens], signature, url: voiceUrl, params }),
      false,
    );
    assert.equal(isSignedWebhook({ authTokens: [], signature, url: voiceUrl, params }), false);
  });

  test('is refused, not thrown over, when it is nonsense', () => {
    for (const nonsense of ['x', 'é'.repeat(28), 'a'.repeat(28), `${voiceSignature},${voiceSignature}`])
      assert.equal(signed(voiceUrl, nonsense), false);
  });

  test('matches the vector that Twilio published', () => {
    const accepted = isSignedWebhook({
      authTokens: ['12345'],
      signature: 'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
      url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
      params: {
        CallSid: 'CA1234567890ABCDE',
        Caller: '+14158675309',
        Digits: '1234',
        From: '+14158675309',
        To: '+18005551212',
      },
    });

    assert.equal(accepted, true);
  });

  test('may be made with either of two tokens during a rotation', () => {
    const rotating = ['another-token', ...authTokens];

    assert.equal(
      isSignedWebhook({ authTokens: rotating, signature: voiceSignature, url: voiceUrl, params }),
      true,
    );
  });
});

describe('an upgrade signature', () => {
  const signature = 'ttk+kVY3Kdi/BWVnuJguRoi2Bjs=';

  test('is made over the wss URL without parameters', () => {
    assert.equal(isSignedUpgrade({ authTokens, signature, url: 'wss://voice.example.com/media' }), true);
  });

  test('is refused over https, or with a trailing slash, or when missing', () => {
    assert.equal(isSignedUpgrade({ authTokens, signature, url: 'https://voice.example.com/media' }), false);
    assert.equal(isSignedUpgrade({ authTokens, signature, url: 'wss://voice.example.com/media/' }), false);
    assert.equal(
      isSignedUpgrade({ authTokens, signature: undefined, url: 'wss://voice.example.com/media' }),
      false,
    );
  });

  test('is accepted over either way to write the default port', () => {
    const port443 = getExpectedTwilioSignature(authTokens[0] ?? '', 'wss://voice.example.com:443/media', {});

    for (const url of ['wss://voice.example.com/media', 'wss://voice.example.com:443/media']) {
      assert.equal(isSignedUpgrade({ authTokens, signature, url }), true, url);
      assert.equal(isSignedUpgrade({ authTokens, signature: port443, url }), true, url);
    }
  });

  test('is made over the plain address on one machine', () => {
    const url = 'ws://127.0.0.1:8080/call/stream';
    const local = getExpectedTwilioSignature(authTokens[0] ?? '', url, {});

    assert.equal(isSignedUpgrade({ authTokens, signature: local, url }), true);
    assert.equal(isSignedUpgrade({ authTokens, signature: local, url: url.replace('ws:', 'wss:') }), false);
  });

  test('is refused, not thrown over, without an address, or with an empty token', () => {
    const url = 'wss://voice.example.com/media';
    const forged = getExpectedTwilioSignature('', url, {});

    assert.equal(isSignedUpgrade({ authTokens, signature, url: '/media' }), false);
    assert.equal(isSignedUpgrade({ authTokens, signature, url: '' }), false);
    assert.equal(isSignedUpgrade({ authTokens: [''], signature: forged, url }), false);
  });
});
