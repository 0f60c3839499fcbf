import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isSignedUpgrade, isSignedWebhook } from '#adapters/twilio/request-signature.ts';

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
});
