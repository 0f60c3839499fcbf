import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ProviderError } from '#core/errors.ts';
import { ConfigError } from '#lambdas/config.ts';
import { createEnvironmentReader, parseSecretParameters } from '#lambdas/secret-parameters.ts';
import { createWire } from '#lambdas/wire.ts';
import { environment } from '#tests/lambdas/functions.ts';

const names = 'CURSOR_SECRET=/a/dev/cursor,INBOUND_PHONE_MAP?=/a/dev/map';
const kept = (values: Readonly<Record<string, string>>) =>
  new Map(Object.entries(values).map(([name, value]) => [name, { value }]));

describe('The secrets of a function', () => {
  test('come from the parameters it is told, and from nowhere when it is told none', async () => {
    const asked: (readonly string[])[] = [];
    const read = async (wanted: readonly string[]) => {
      asked.push(wanted);
      return kept({ '/a/dev/cursor': 'secret', '/a/dev/map': '{}' });
    };

    const deployed = await createEnvironmentReader({ STAGE: 'dev', SECRET_PARAMETERS: names }, read)();
    const local = await createEnvironmentReader({ STAGE: 'local' }, read)();

    assert.deepEqual(
      [deployed['STAGE'], deployed['CURSOR_SECRET'], deployed['INBOUND_PHONE_MAP']],
      ['dev', 'secret', '{}'],
    );
    assert.deepEqual(local, { STAGE: 'local' });
    assert.deepEqual(asked, [['/a/dev/cursor', '/a/dev/map']]);
  });

  test('that are missing are named; what it works without may be', async () => {
    const none = createEnvironmentReader({ SECRET_PARAMETERS: names }, async () => kept({}));
    const some = createEnvironmentReader({ SECRET_PARAMETERS: names }, async () =>
      kept({ '/a/dev/cursor': 'secret' }),
    );

    await assert.rejects(
      none(),
      (error) => error instanceof ConfigError && /\/a\/dev\/cursor/.test(error.message),
    );
    assert.equal((await some())['INBOUND_PHONE_MAP'], undefined);
  });

  test('are the same object until one has changed', async () => {
    let value = 'first';
    const read = createEnvironmentReader({ SECRET_PARAMETERS: names }, async () =>
      kept({ '/a/dev/cursor': value }),
    );

    const [first, second] = [await read(), await read()];
    value = 'second';
    const third = await read();

    assert.equal(first, second);
    assert.notEqual(first, third);
    assert.equal(third['CURSOR_SECRET'], 'second');
  });

  test('that are named in a way nobody can read stop the function', () => {
    assert.throws(() => parseSecretParameters('CURSOR_SECRET'), ConfigError);
  });
});

describe('A secret that is changed while a function runs', () => {
  const settings = { ...environment, LOG_LEVEL: 'error' };
  /** A function whose secrets are read every five minutes of a clock that the test moves. */
  function running() {
    const state = {
      environment: settings as Readonly<Record<string, string | undefined>>,
      nowMs: 0,
      reads: 0,
    };
    const wire = createWire(
      async () => {
        state.reads += 1;
        if (state.environment['CURSOR_SECRET'] === 'away')
          throw new ProviderError('The parameter store failed', { provider: 'ssm', failure: 'unavailable' });
        return state.environment;
      },
      { freshMs: 300_000, nowMs: () => state.nowMs },
    );
    return { state, wire };
  }

  test('is used five minutes later, and not asked for before', async () => {
    const { state, wire } = running();
    const first = await wire();
    state.environment = { ...settings, TWILIO_AUTH_TOKEN: 'new,old' };

    state.nowMs = 299_999;
    const before = await wire();
    state.nowMs = 300_000;
    const after = await wire();

    assert.equal(before, first);
    assert.deepEqual(after.config.TWILIO_AUTH_TOKEN, ['new', 'old']);
    assert.equal(state.reads, 2);
  });

  const troubles: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['the store is away', { CURSOR_SECRET: 'away' }],
    ['the new value cannot be used', { TWILIO_AUTH_TOKEN: ' , ' }],
  ];
  for (const [what, changed] of troubles)
    test(`leaves the old one in use when ${what}, and says so`, async (t) => {
      const { state, wire } = running();
      const first = await wire();
      state.environment = { ...settings, ...changed };
      const lines: string[] = [];
      t.mock.method(process.stdout, 'write', (line: string) => lines.push(line) > 0);

      state.nowMs = 300_000;
      const after = await wire();
      t.mock.restoreAll();

      assert.equal(after, first);
      assert.match(lines.join(''), /provider\.failed|secrets\.not-usable/);
    });
});
