/** The figures of `docs/costs.md` follow from prices, quantities and templates. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { createLedger } from '#core/costs/ledger.ts';
import { defaultPrices } from '#core/costs/prices.ts';
import { limits } from '#core/limits.ts';
import { synthesise } from '#tests/lib/monitoring/stage.ts';
import { newCallSid } from '#tests/support/calls.ts';

const text = readFileSync(path.resolve(import.meta.dirname, '../../docs/costs.md'), 'utf8');

const rowsAfter = (heading: string): readonly (readonly string[])[] =>
  (text.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) => line.slice(2, -2).split(' | '));

const numberIn = (cell = '') =>
  Number(/\d[\d.]*/.exec(cell.replace(/(\d) (?=\d)/g, '$1'))?.[0] ?? Number.NaN);
const dollars = (amount: number, digits: number) => `$${amount.toFixed(digits)}`;

describe('An idle stage', () => {
  const rows = rowsAfter('An idle stage');
  const hoursPerMonth = 730;

  test('costs what its parts cost', () => {
    let sums = [0, 0, 0];
    for (const [part = '', price = '', ...columns] of rows) {
      if (part.startsWith('**')) {
        assert.deepEqual(
          columns,
          sums.map((sum) => `**${dollars(sum, 2)}**`),
          part,
        );
        continue;
      }
      const monthly = numberIn(price) * (price.endsWith('an hour') ? hoursPerMonth : 1);
      sums = sums.map((sum, i) => sum + monthly * Number(columns[i]));
    }
    assert.ok(sums.every((sum) => sum > 0));
  });

  test('has tasks at the price of their processor and memory', () => {
    const { vcpu, memoryGb } = defaultPrices;
    const priceOf = (part: string) => numberIn(rows.find(([name]) => name?.startsWith(part))?.[1]);

    const hourly = (cpu: number, gb: number) => (vcpu.usd ?? 0) * cpu + (memoryGb.usd ?? 0) * gb;

    assert.equal(priceOf('task, 0.25'), hourly(0.25, 0.5));
    assert.equal(priceOf('task, 0.5'), hourly(0.5, 1));
  });

  test('has no more series in alarms than are paid for', () => {
    const seriesOf = (change: Parameters<typeof synthesise>[0]) =>
      Object.values(synthesise(change).findResources('AWS::CloudWatch::Alarm'))
        .map(({ Properties }) => (Properties.Metrics ?? [{ MetricStat: {} }]) as { MetricStat?: object }[])
        .flatMap((metrics) => metrics.filter(({ MetricStat }) => MetricStat)).length;
    const [, , ...counts] = rows.find(([part]) => part?.startsWith('series')) ?? [];

    const made = [
      seriesOf({ monitoring: 'essential', tasksMin: 0 }),
      seriesOf({ monitoring: 'essential', tasksMin: 1 }),
      seriesOf({}),
    ];

    assert.equal(counts.length, made.length);
    assert.ok(
      made.every((count, i) => count > 0 && count <= Number(counts[i])),
      String(made),
    );
  });

  test('stays below what it may cost', () => {
    const template = rows
      .find(([part]) => part === '**from the template**')
      ?.slice(2)
      .map(numberIn);

    assert.ok(template?.every((usd, i) => usd <= ([25, 36, 75][i] ?? 0)));
  });
});

describe('A call of three minutes', () => {
  const rows = rowsAfter('A call');
  const row = (service: string) => rows.find(([name]) => name === service) ?? [];

  /** Bought as the table says, in one go; the ledger adds it up as it does for a real call. */
  function summary() {
    const [tokensIn, out, toCache, fromCache] = (row('model')[1] ?? '').split(', ').map(numberIn);
    const [live, recorded] = (row('speech')[1] ?? '').split(', ').map(numberIn);
    const seconds = numberIn(row('recogniser')[1]);
    const ledger = createLedger({ callSid: newCallSid(), prices: defaultPrices });
    const at = new Date(0);
    const speech = { kind: 'speech', model: 'eleven_flash_v2_5', outcome: 'used', estimated: false } as const;
    ledger.record({ ...speech, characters: live ?? 0, cached: false }, at);
    ledger.record({ ...speech, characters: recorded ?? 0, cached: true }, at);
    ledger.record({ kind: 'recognition', seconds }, at);
    ledger.record({ kind: 'call-leg', direction: 'inbound', seconds }, at);
    ledger.record({ kind: 'media-stream', seconds }, at);
    ledger.record({ kind: 'compute', seconds, share: 1 / limits.callsPerProcessMax }, at);
    const usage = {
      inputTokens: tokensIn ?? 0,
      cacheWrite5mTokens: toCache ?? 0,
      cacheWrite1hTokens: 0,
      cacheReadTokens: fromCache ?? 0,
      outputTokens: out ?? 0,
    };
    const model = 'claude-haiku-5-5';
    ledger.record({ kind: 'model', model, usage, outcome: 'used', estimated: false }, at);
    return ledger.summary();
  }

  const services = {
    speech: 'elevenlabs-tts',
    telephone: 'twilio',
    recogniser: 'elevenlabs-stt',
    model: 'anthropic',
    machine: 'fargate',
  } as const;

  for (const [name, service] of Object.entries(services))
    test(`pays for the ${name} what the table says`, () => {
      const { costByService, estimatedCostUsd } = summary();

      const usd = costByService[service] ?? Number.NaN;
      const [, , cost, share] = row(name);
      assert.equal(cost, dollars(usd, 4));
      assert.equal(share, `${Math.round((100 * usd) / (estimatedCostUsd ?? 0))} %`);
    });

  test('costs their sum, by the minute and by the month', () => {
    const usd = summary().estimatedCostUsd ?? Number.NaN;

    assert.equal(row('**the call**')[2], `**${dollars(usd, 4)}**`);
    assert.ok(text.includes(`That is ${dollars(usd / 3, 4)} a minute.`));
    assert.ok(text.includes(`A hundred such calls a day are ${dollars(usd * 100 * 30, 0)} in 30 days`));
  });
});
