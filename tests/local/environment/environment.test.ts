import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { developmentValues } from '#local/development-values.ts';
import { decideEnvironment, loadEnvironment, type Variables } from '#local/environment.ts';

const decide = (given: Variables) => {
  const result = decideEnvironment(given, '/home/dev/voice');
  assert.ok(result.ok, result.ok ? '' : result.problems.join('\n'));
  return result.environment;
};
const problemsOf = (given: Variables) => {
  const result = decideEnvironment(given, '/home/dev/voice');
  return result.ok ? [] : result.problems;
};

describe('The environment of a stack on one machine', () => {
  it('needs nothing: every vendor is simulated, on loopback addresses', () => {
    const environment = decide({});

    assert.deepEqual(Object.values(environment.vendors), Array(5).fill({ mode: 'simulated' }));
    assert.equal(environment.httpUrl, 'http://127.0.0.1:3000');
    assert.equal(environment.mediaUrl, 'ws://127.0.0.1:8080');
    assert.equal(environment.dataDir, '/home/dev/voice/.local');
    assert.equal(environment.variables['TWILIO_AUTH_TOKEN'], developmentValues.TWILIO_AUTH_TOKEN);
    assert.equal(environment.variables['AWS_ACCESS_KEY_ID'], 'development');
    assert.equal(environment.variables['STAGE'], 'local');
    assert.deepEqual(environment.warnings, []);
  });

  const cases: readonly [string, Variables, string, object][] = [
    [
      'Claude is real with a key',
      { ANTHROPIC_API_KEY: 'k' },
      'anthropic',
      { mode: 'real', url: 'https://api.anthropic.com' },
    ],
    [
      'ElevenLabs is real with a key',
      { ELEVENLABS_API_KEY: 'k' },
      'elevenlabs',
      { mode: 'real', url: 'https://api.elevenlabs.io' },
    ],
    [
      'the tools are real with an address',
      { MCP_URL: 'https://tools.example/mcp' },
      'mcp',
      { mode: 'real', url: 'https://tools.example/mcp' },
    ],
    [
      'Twilio is real with a token of its own',
      { TWILIO_AUTH_TOKEN: 't' },
      'twilio',
      { mode: 'real', url: 'https://api.twilio.com' },
    ],
    [
      'Twilio is simulated with the development token',
      { TWILIO_AUTH_TOKEN: developmentValues.TWILIO_AUTH_TOKEN },
      'twilio',
      { mode: 'simulated' },
    ],
    ['a key set to nothing is no key', { ANTHROPIC_API_KEY: ' ' }, 'anthropic', { mode: 'simulated' }],
    [
      'an address wins without a key',
      { ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' },
      'anthropic',
      { mode: 'given', url: 'http://127.0.0.1:9' },
    ],
    [
      'an address wins over a key',
      { ELEVENLABS_API_KEY: 'k', ELEVENLABS_BASE_URL: 'ws://127.0.0.1:9' },
      'elevenlabs',
      { mode: 'given', url: 'ws://127.0.0.1:9' },
    ],
    [
      'a database address wins',
      { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000' },
      'dynamodb',
      { mode: 'given', url: 'http://127.0.0.1:8000' },
    ],
  ];
  for (const [what, given, vendor, expected] of cases) {
    it(what, () => {
      const environment = decide(given);

      assert.deepEqual(environment.vendors[vendor as keyof typeof environment.vendors], expected);
    });
  }

  it('hands on what was set, and leaves out what was set to nothing', () => {
    const environment = decide({
      ANTHROPIC_API_KEY: 'mine',
      CLAUDE_MODEL: 'claude-haiku-5-5',
      CRON_SECRET: '',
    });

    assert.equal(environment.variables['ANTHROPIC_API_KEY'], 'mine');
    assert.equal(environment.variables['CLAUDE_MODEL'], 'claude-haiku-5-5');
    assert.equal(environment.variables['CRON_SECRET'], developmentValues.CRON_SECRET);
  });

  it('follows the ports, and public addresses where they are given', () => {
    const moved = decide({ PORT: '3100', MEDIA_PORT: '8100' });
    const tunnelled = decide({
      PUBLIC_BASE_URL: 'https://voice.example/',
      MEDIA_BASE_URL: 'wss://media.example',
    });

    assert.deepEqual([moved.httpUrl, moved.mediaUrl], ['http://127.0.0.1:3100', 'ws://127.0.0.1:8100']);
    assert.equal(tunnelled.variables['PUBLIC_BASE_URL'], 'https://voice.example');
    assert.equal(tunnelled.mediaUrl, 'wss://media.example');
  });

  it('keeps the AWS credentials that are there', () => {
    const environment = decide({ AWS_PROFILE: 'work' });

    assert.equal(environment.variables['AWS_ACCESS_KEY_ID'], undefined);
  });

  it('warns when a real Twilio could not reach this machine', () => {
    const unreachable = decide({ TWILIO_AUTH_TOKEN: 'secret-token' });
    const reachable = decide({ TWILIO_AUTH_TOKEN: 'secret-token', PUBLIC_BASE_URL: 'https://voice.example' });

    assert.match(unreachable.warnings.join(), /PUBLIC_BASE_URL/);
    assert.doesNotMatch(unreachable.warnings.join(), /secret-token/);
    assert.deepEqual(reachable.warnings, []);
  });

  const mistakes: readonly [Variables, RegExp][] = [
    [{ PORT: 'three thousand' }, /^PORT is not a port number.*3000/],
    [{ MEDIA_PORT: '70000' }, /^MEDIA_PORT is not a port number/],
    [{ PORT: '8080' }, /^MEDIA_PORT is the same as PORT/],
    [{ STAGE: 'prod' }, /^STAGE is not "local".*unset/],
    [{ PUBLIC_BASE_URL: 'voice.example' }, /^PUBLIC_BASE_URL is not an http or https address/],
    [{ MEDIA_BASE_URL: 'https://voice.example' }, /^MEDIA_BASE_URL is not a ws or wss address/],
    [{ ANTHROPIC_BASE_URL: 'ftp://x' }, /^ANTHROPIC_BASE_URL/],
  ];
  for (const [given, expected] of mistakes) {
    it(`names the variable and the mend for ${JSON.stringify(given)}`, () => {
      const problems = problemsOf(given);

      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? '', expected);
    });
  }

  it('names every problem at once', () => {
    const problems = problemsOf({ PORT: 'x', MEDIA_PORT: 'y', STAGE: 'dev' });

    assert.equal(problems.length, 3);
  });

  describe('with a .env', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'environment-'));
    after(() => rmSync(folder, { recursive: true, force: true }));

    it('reads it, and the real environment wins', () => {
      writeFileSync(path.join(folder, '.env'), '# ours\nPORT=3100\nDEFAULT_ROLE="judge"\n');

      const result = loadEnvironment(folder, { PORT: '3200' });

      assert.ok(result.ok);
      assert.equal(result.environment.port, 3200);
      assert.equal(result.environment.variables['DEFAULT_ROLE'], 'judge');
    });

    it('hands on the prices of the file that it names', () => {
      const prices = { twilio: { streamPerMin: 0.003 }, tools: { court_calendar: 0.01 } };
      writeFileSync(path.join(folder, 'prices.json'), JSON.stringify(prices, null, 2));

      const result = loadEnvironment(folder, { PRICES_FILE: 'prices.json' });

      assert.ok(result.ok);
      assert.deepEqual(JSON.parse(result.environment.variables['PRICES'] ?? ''), prices);
    });

    it('tells what is wrong with a file of prices', () => {
      writeFileSync(path.join(folder, 'wrong.json'), '{"twilio":{"streamPerMin":"cheap"}}');
      const problemOf = (variables: Variables) => {
        const result = loadEnvironment(folder, variables);
        return result.ok ? '' : result.problems.join();
      };

      assert.match(
        problemOf({ PRICES_FILE: 'wrong.json' }),
        /PRICES_FILE \(wrong\.json\): twilio\.streamPerMin/,
      );
      assert.match(problemOf({ PRICES_FILE: 'none.json' }), /cannot be read/);
      assert.match(problemOf({ PRICES_FILE: 'wrong.json', PRICES: '{}' }), /Unset one/);
    });
  });
});
