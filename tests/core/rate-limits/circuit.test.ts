import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ProviderError } from '#core/errors.ts';
import { createCircuit } from '#core/rate-limits/circuit.ts';

const away = new ProviderError('The database failed', { provider: 'dynamodb', failure: 'timeout' });

/** Something that can be away, and what is told of it. */
function watched() {
  let nowMs = 1_000;
  let isAway = false;
  let asked = 0;
  const told: (string | number)[] = [];
  const circuit = createCircuit({
    nowMs: () => nowMs,
    failuresMax: 3,
    openMs: 10_000,
    onFailure: (error) => told.push(error.failure),
    onOpened: () => told.push('opened'),
    onClosed: (openForMs) => told.push('closed', openForMs),
  });
  const ask = (work?: () => Promise<string>) =>
    circuit.run(
      work ??
        (async () => {
          asked += 1;
          if (isAway) throw away;
          return 'asked';
        }),
      () => 'instead',
    );
  return {
    ask,
    told,
    asked: () => asked,
    pass: (ms: number) => {
      nowMs += ms;
    },
    breaks: (breaks: boolean) => {
      isAway = breaks;
    },
  };
}

/** Ends when the test says so. */
function pending() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return { work: () => promise, succeed: () => resolve('late'), fail: () => reject(away) };
}

describe('A circuit', () => {
  test('asks nobody any more after three failures in a row, and tells of it once', async () => {
    const { ask, asked, told, breaks } = watched();
    breaks(true);

    const answers = [];
    for (let i = 0; i < 100; i += 1) answers.push(await ask());

    assert.deepEqual(new Set(answers), new Set(['instead']));
    assert.equal(asked(), 3);
    assert.deepEqual(told, ['timeout', 'timeout', 'timeout', 'opened']);
  });

  test('stays closed while an answer comes between the failures', async () => {
    const { ask, asked, told, breaks } = watched();

    for (let i = 0; i < 30; i += 1) {
      breaks(i % 3 !== 0);
      await ask();
    }

    assert.equal(asked(), 30);
    assert.ok(!told.includes('opened'));
  });

  test('lets one request find out after its time; the others need not wait for it', async () => {
    const { ask, pass, breaks, told } = watched();
    breaks(true);
    for (let i = 0; i < 3; i += 1) await ask();
    const probe = pending();

    pass(9_999);
    const early = await ask(probe.work);
    pass(1);
    const probing = ask(probe.work);
    const beside = await Promise.all([ask(), ask()]);
    breaks(false);
    probe.succeed();
    const found = await probing;
    const after = await ask();

    assert.deepEqual([early, ...beside], ['instead', 'instead', 'instead']);
    assert.deepEqual([found, after], ['late', 'asked']);
    assert.deepEqual(told.slice(3), ['opened', 'closed', 10_000]);
  });

  test('is open for as long again after a probe that failed, and tells of no second opening', async () => {
    const { ask, asked, pass, breaks, told } = watched();
    breaks(true);
    for (let i = 0; i < 3; i += 1) await ask();

    for (let i = 0; i < 60; i += 1) {
      pass(1_000);
      await ask();
    }

    assert.equal(asked(), 3 + 6);
    assert.equal(told.filter((one) => one === 'opened').length, 1);
    assert.equal(told.filter((one) => one === 'timeout').length, 3 + 6);
  });

  test('sends another probe when one never ends', async () => {
    const { ask, pass, breaks } = watched();
    breaks(true);
    for (let i = 0; i < 3; i += 1) await ask();
    breaks(false);
    pass(10_000);
    void ask(() => new Promise<string>(() => undefined));
    pass(10_000);

    assert.equal(await ask(), 'asked');
  });

  test('is neither opened nor closed by what began before its last change', async () => {
    const { ask, asked, told, breaks } = watched();
    const many = Array.from({ length: 50 }, pending);
    const running = many.map(({ work }) => ask(work));
    breaks(true);
    for (let i = 0; i < 3; i += 1) await ask();
    for (const [i, { succeed, fail }] of many.entries()) i % 2 === 0 ? succeed() : fail();

    const ended = await Promise.all(running);
    const after = await ask();

    assert.deepEqual(new Set(ended), new Set(['late', 'instead']));
    assert.deepEqual([after, asked()], ['instead', 3]);
    assert.deepEqual(told, ['timeout', 'timeout', 'timeout', 'opened']);
  });

  test('lets a mistake of ours through, which says nothing of the provider', async () => {
    const { ask, told } = watched();

    for (let i = 0; i < 5; i += 1)
      await assert.rejects(
        ask(() => Promise.reject(new TypeError('a mistake'))),
        TypeError,
      );

    assert.equal(await ask(), 'asked');
    assert.deepEqual(told, []);
  });
});
