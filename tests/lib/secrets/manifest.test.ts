import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { functionsConfigSchema } from '#lambdas/config.ts';
import { functionNames } from '#lib/api/function-table.ts';
import {
  parameters,
  parametersOf,
  phoneMap,
  secretParametersVariable,
  secrets,
} from '#lib/secrets/manifest.ts';
import { mediaConfigSchema } from '#media-service/config.ts';

const variablesOf = (reader: string) => parametersOf(reader).map(({ variable }) => variable);
const specOf = (id: string) => {
  const spec = parameters.find((one) => one.id === id);
  assert.ok(spec, id);
  return spec;
};
const looksRight = (id: string, value: string) => specOf(id).schema.safeParse(value).success;

describe('The manifest of secrets', () => {
  test('names each parameter and each variable once, and each stage its own', () => {
    const names = ['dev', 'prod'].flatMap((stage) => parameters.map((spec) => spec.parameterName(stage)));

    assert.equal(new Set(names).size, names.length);
    assert.equal(new Set(parameters.map(({ variable }) => variable)).size, parameters.length);
    assert.equal(phoneMap.parameterName('dev'), '/cotrackpro/dev/voice/inbound_phone_map');
  });

  test('knows only variables that the programs read', () => {
    const known = new Set([
      ...Object.keys(functionsConfigSchema.shape),
      ...Object.keys(mediaConfigSchema.shape),
    ]);

    assert.deepEqual(
      parameters.filter(({ variable }) => !known.has(variable)),
      [],
    );
  });

  test('lets only functions that exist read', () => {
    const known = new Set(functionNames);

    for (const { id, readers } of parameters)
      if (readers.functions !== 'all')
        for (const name of readers.functions) assert.ok(known.has(name), `${id}: ${name}`);
  });

  test("keeps the vendors' keys from the functions and the API's keys from the media service", () => {
    assert.deepEqual(
      variablesOf('inbound-call').filter((name) => /ANTHROPIC|ELEVENLABS|MCP|API_KEYS|CRON/.test(name)),
      [],
    );
    assert.deepEqual(variablesOf('media'), [
      'TWILIO_AUTH_TOKEN',
      'STREAM_TOKEN_SECRET',
      'ANTHROPIC_API_KEY',
      'ELEVENLABS_API_KEY',
    ]);
    assert.ok(variablesOf('record-get').includes('API_KEYS'));
  });

  test('gives an optional one only to a stage that has it', () => {
    assert.ok(parametersOf('media', ['mcp_token']).some(({ variable }) => variable === 'MCP_TOKEN'));
    assert.ok(!variablesOf('media').includes('MCP_TOKEN'));
  });

  test('tells a function names, never values, and what it can do without', () => {
    assert.equal(
      secretParametersVariable([specOf('cursor_secret'), phoneMap], 'dev'),
      'CURSOR_SECRET=/cotrackpro/dev/voice/cursor_secret,INBOUND_PHONE_MAP?=/cotrackpro/dev/voice/inbound_phone_map',
    );
  });
});

describe('A value', () => {
  const token = '0123456789abcdef0123456789abcdef';
  const random = 'q8ZrT1uVb0cXyLkM3nPwS5dEfGhJ7a9B';
  const right: readonly (readonly [string, string])[] = [
    ['twilio_auth_token', token],
    ['twilio_auth_token', `${token},${token.toUpperCase().toLowerCase()}`],
    ['stream_token_secret', `${random},${random}x`],
    ['phone_hash_key', random],
    ['api_keys', '[]'],
    ['anthropic_api_key', `sk-ant-api03-${random}`],
    ['elevenlabs_api_key', `sk_${token}${token.slice(0, 16)}`],
    ['elevenlabs_api_key', token],
    ['inbound_phone_map', '{"+12025550142":{"role":"judge"}}'],
  ];
  for (const [id, value] of right)
    test(`of ${id} with ${value.length} characters is accepted`, () => {
      assert.ok(looksRight(id, value));
    });

  const wrong: readonly (readonly [string, string, string])[] = [
    ['pasted in quotes', 'phone_hash_key', `"${random}"`],
    ['with a line end', 'cursor_secret', `${random}\n`],
    ['too short', 'stream_token_secret', random.slice(0, 31)],
    ['that is one character again and again', 'phone_hash_key', 'a'.repeat(40)],
    ['for development', 'stream_token_secret', 'development-stream-token-secret-0000'],
    ['half of a token', 'twilio_auth_token', token.slice(1)],
    ['three tokens', 'twilio_auth_token', [token, token, token].join(',')],
    ["another vendor's key", 'anthropic_api_key', `sk-${random}${random}`],
    ['a key with its name', 'elevenlabs_api_key', `ELEVENLABS_API_KEY=sk_${token}`],
    ['keys that are no JSON', 'api_keys', 'none'],
    ['a map with a number that is none', 'inbound_phone_map', '{"2025550142":{}}'],
  ];
  for (const [what, id, value] of wrong)
    test(`${what} is refused for ${id}, without being quoted`, () => {
      const parsed = specOf(id).schema.safeParse(value);

      assert.ok(!parsed.success);
      if (value.length > 8 && secrets.some((spec) => spec.id === id))
        assert.ok(!JSON.stringify(parsed.error.issues).includes(value.slice(0, 16)));
    });
});
