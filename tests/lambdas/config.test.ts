import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError, parseConfig } from '#lambdas/config.ts';
import { environment } from '#tests/lambdas/functions.ts';

function messageOf(variables: Readonly<Record<string, string | undefined>>): string {
  try {
    parseConfig(variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
  }
  throw new Error('A ConfigError was expected');
}

describe('The environment of the functions', () => {
  test('is read with its defaults', () => {
    const config = parseConfig(environment);

    assert.equal(config.DEFAULT_ROLE, 'parent');
    assert.equal(config.RECORDS_TTL_DAYS, 365);
    assert.deepEqual(config.INBOUND_PHONE_MAP, {});
    assert.deepEqual(config.API_KEYS, []);
    assert.equal(config.OUTBOUND_API_KEY, undefined);
  });

  test('names everything that is missing at once, and where to set it', () => {
    const message = messageOf({ ...environment, CALLS_TABLE: undefined, PHONE_HASH_KEY: '' });

    assert.match(message, /CALLS_TABLE/);
    assert.match(message, /PHONE_HASH_KEY/);
    assert.match(message, /\.env|settings/);
    assert.equal(messageOf({}).split('\n').length > 10, true);
  });

  test('takes several tokens and secrets while one is being replaced', () => {
    const config = parseConfig({
      ...environment,
      TWILIO_AUTH_TOKEN: ' new , old,',
      STREAM_TOKEN_SECRET: 'one',
    });

    assert.deepEqual(config.TWILIO_AUTH_TOKEN, ['new', 'old']);
    assert.deepEqual(config.STREAM_TOKEN_SECRET, ['one']);
  });

  test('takes half a day of retention', () => {
    assert.equal(parseConfig({ ...environment, RECORDS_TTL_DAYS: '0.5' }).RECORDS_TTL_DAYS, 0.5);
  });

  const wrong: readonly (readonly [string, string, string])[] = [
    ['an address in clear outside stage local', 'PUBLIC_BASE_URL', 'http://voice.example.com'],
    ['a loopback address outside stage local', 'PUBLIC_BASE_URL', 'http://127.0.0.1:3000'],
    ['a stream address in clear', 'MEDIA_BASE_URL', 'ws://127.0.0.1:8080'],
    ['a stream address that is a page', 'MEDIA_BASE_URL', 'https://media.example.com'],
    ['an address with a slash at its end', 'PUBLIC_BASE_URL', 'https://voice.example.com/'],
    ['an address with a query', 'MEDIA_BASE_URL', 'wss://media.example.com?a=1'],
    ['an address that is none', 'PUBLIC_BASE_URL', 'voice.example.com'],
    ['a list of tokens without a token', 'TWILIO_AUTH_TOKEN', ' , '],
    ['a phone map that is not JSON', 'INBOUND_PHONE_MAP', '{'],
    ['a phone map with a role that nobody has', 'INBOUND_PHONE_MAP', '{"+14155550100":{"role":"wizard"}}'],
    ['a default role that nobody has', 'DEFAULT_ROLE', 'wizard'],
    ['no retention at all', 'RECORDS_TTL_DAYS', '0'],
    [
      'a key in place of its digest',
      'API_KEYS',
      '[{"id":"crm","sha256":"secret-key","scopes":["records:read"]}]',
    ],
    [
      'a scope that there is not',
      'API_KEYS',
      `[{"id":"crm","sha256":"${'0'.repeat(64)}","scopes":["records:write"]}]`,
    ],
  ];
  for (const [what, name, value] of wrong)
    test(`is refused with ${what}, and ${name} is named without its value`, () => {
      const message = messageOf({ ...environment, [name]: value });

      assert.match(message, new RegExp(name));
      assert.doesNotMatch(message, /secret-key|voice\.example\.com/);
    });

  test('of stage local may stay on the machine in clear, but not leave it', () => {
    const local = {
      ...environment,
      STAGE: 'local',
      PUBLIC_BASE_URL: 'http://127.0.0.1:3000',
      MEDIA_BASE_URL: 'ws://localhost:8080',
    };

    assert.equal(parseConfig(local).PUBLIC_BASE_URL, 'http://127.0.0.1:3000');
    assert.match(messageOf({ ...local, PUBLIC_BASE_URL: 'http://10.0.0.1:3000' }), /PUBLIC_BASE_URL/);
  });
});
