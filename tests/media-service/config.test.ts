import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseMediaConfig } from '#media-service/config.ts';

const complete = {
  MEDIA_BASE_URL: 'wss://media.example.org',
  TWILIO_AUTH_TOKEN: 'old-secret, new-secret',
  STREAM_TOKEN_SECRET: 'stream-secret',
  ANTHROPIC_API_KEY: 'anthropic-secret',
  ELEVENLABS_API_KEY: 'elevenlabs-secret',
  CALLS_TABLE: 'calls',
  COSTS_TABLE: 'costs',
  LIMITS_TABLE: 'limits',
};

const problemsOf = (environment: Record<string, string | undefined>) => {
  const parsed = parseMediaConfig(environment);
  return 'problems' in parsed ? parsed.problems : [];
};

describe('the environment of the media service', () => {
  test('is complete with what has no default, and a list takes several secrets', () => {
    const parsed = parseMediaConfig(complete);

    assert.ok('config' in parsed);
    assert.deepEqual(parsed.config.TWILIO_AUTH_TOKEN, ['old-secret', 'new-secret']);
    assert.equal(parsed.config.MEDIA_PORT, 8080);
  });

  test('when empty names every variable that is missing, all at once', () => {
    const named = problemsOf({}).map((problem) => problem.split(':')[0]);

    assert.deepEqual(named.sort(), Object.keys(complete).sort());
  });

  for (const name of Object.keys(complete))
    test(`takes an empty ${name} for a missing one`, () => {
      const [problem, ...more] = problemsOf({ ...complete, [name]: '' });

      assert.match(problem ?? '', new RegExp(`^${name}: `));
      assert.deepEqual(more, []);
    });

  const wrong = {
    MEDIA_BASE_URL: 'ws://media.example.org',
    MEDIA_PORT: '99999',
    LOG_LEVEL: 'shouting',
    LANGUAGE_CODE: 'english',
    TRANSFER_NUMBER: '415-555-0100',
    COMPUTE_SHARE: '7',
  };
  test('names every wrong variable and tells no value', () => {
    const problems = problemsOf({ ...complete, ...wrong });

    assert.deepEqual(problems.map((problem) => problem.split(':')[0]).sort(), Object.keys(wrong).sort());
    const told = problems.join('\n');
    for (const value of [...Object.values(wrong), 'secret'].filter((text) => text.length > 1))
      assert.ok(!told.includes(value), `tells ${value}`);
  });

  test('takes an unencrypted address only of this machine', () => {
    assert.deepEqual(problemsOf({ ...complete, MEDIA_BASE_URL: 'ws://127.0.0.1:8080' }), []);
  });
});
