import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seriesDay } from '#core/costs/series.ts';
import { noTotals } from '#core/costs/totals.ts';
import type { BudgetsAnswer, CostSummaryAnswer } from '#core/http/costs.ts';
import { type CostsReport, costsText } from '../../scripts/costs-text.ts';

const totals = (costUsd: number) => ({
  ...noTotals,
  calls: 2,
  durationSecs: 120,
  costUsd,
  costByService: { twilio: costUsd },
});
const group = (name: string, costUsd: number) => ({
  ...totals(costUsd),
  name,
  costPerMinuteUsd: costUsd / 2,
});

const known = (...given: Parameters<typeof seriesDay>) => ({ ...seriesDay(...given), unallocatedUsd: null });

const summary: CostSummaryAnswer = {
  from: '2026-11-19',
  to: '2026-11-21',
  groupBy: 'day',
  total: { ...group('total', 0.3), callsOfUnknownCost: 1 },
  unallocatedUsd: 0.7,
  groups: [group('2026-11-20', 0.2), group('2026-11-21', 0.1)],
  series: [
    known('2026-11-19', undefined, false),
    known('2026-11-20', totals(0.2), true),
    known('2026-11-21', totals(0.1), false),
    known('2026-11-22', undefined, false),
  ],
  topCalls: [{ callSid: 'CA1', role: 'judge', costUsd: 0.15, durationSecs: 60 }],
  missingDays: ['2026-11-19', '2026-11-22'],
  anomalies: [
    { day: '2026-11-20', service: 'twilio', usd: 0.2, usualUsd: 0.05, score: 9, method: 'By hand.' },
  ],
  reconciliations: [],
};
const budgets: BudgetsAnswer = {
  items: [{ name: 'STAGE', period: '2026-11', limitUsd: 2, takenUsd: 1.7, usedPart: 0.85, state: 'warning' }],
  perCallUsd: null,
  perCaller: { dayUsd: null, monthUsd: null },
  forecast: {
    name: 'STAGE',
    month: '2026-11',
    spentUsd: 1.7,
    projectedUsd: 2.5,
    lowUsd: 2.1,
    highUsd: 2.9,
    method: 'By hand.',
  },
  burnDown: { name: 'STAGE', month: '2026-11', limitUsd: 2, crossedOn: '2026-11-26', days: [] },
  quotas: [],
};
const report: CostsReport = {
  summary,
  budgets,
  alerts: [
    {
      id: 'a',
      kind: 'budget',
      severity: 'warning',
      raisedAt: '2026-11-21T09:30:00.000Z',
      subject: 'STAGE',
      period: '2026-11',
      message: '80 % of the budget of STAGE for 2026-11 is used.',
    },
  ],
};
const plain = { width: 100, paint: (_tone: string, text: string) => text };

describe('The report of costs in a terminal', () => {
  const text = costsText(report, plain);

  test('shows a table with a share of the whole, and its sum', () => {
    assert.match(text, /2026-11-20 +2 +2\.0 +\$0\.2000 +66\.7 % +\$0\.1000/);
    assert.match(text, /total +2 +2\.0 +\$0\.3000 +100\.0 %/);
  });

  test('draws the days to scale, with those that are unusual, go on, or are not known', () => {
    assert.match(text, /2026-11-20 {3}█{40} {2}\$0\.2000 {2}unusual: twilio/);
    assert.match(text, /2026-11-21\* {2}█{20} {20} {2}\$0\.1000/);
    assert.match(text, /2026-11-22\* +–/);
    assert.match(text, /Not added up yet: 2026-11-22\n/);
    assert.doesNotMatch(text, /\n2026-11-19/);
  });

  test('says where the month will end, and when its budget will not do', () => {
    assert.match(text, /\$2\.5000 expected \(four times in five \$2\.1000 to \$2\.9000\)/);
    assert.match(text, /STAGE 2026-11 .* warning .* 85\.0 % of \$2\.0000, \$0\.3000 left/);
    assert.match(text, /STAGE crosses its limit of \$2\.0000 for 2026-11 on 2026-11-26/);
  });

  test('names alerts, dearest calls, and what makes the total doubtful', () => {
    assert.match(text, /2026-11-21T09:30 {2}warning {3}80 % of the budget/);
    assert.match(text, /CA1 {2}\$0\.1500 {2}1\.0 min {2}judge/);
    assert.match(text, /unallocated\): \$0\.7000; with it \$1\.0000/);
    assert.match(text, /1 calls have a part whose price is not known/);
  });

  test('leaves out columns rather than breaking lines on a narrow terminal', () => {
    const narrow = costsText(report, { ...plain, width: 40 });
    const [, tableText = ''] = narrow.split('\n\n');

    assert.ok(tableText.split('\n').every((line) => line.length <= 40));
    assert.match(tableText, /^day +calls +cost/);
    assert.match(narrow, /2026-11-20 {3}█+ {2}\$0\.2000/);
  });

  test('rounds to cents where there are hundreds of dollars', () => {
    const dear = { ...summary, total: group('total', 1_234.5678), groups: [group('2026-11-20', 1_234.5678)] };

    assert.match(costsText({ ...report, summary: dear }, plain), /2026-11-20 +2 +2\.0 +\$1,234\.57/);
  });

  test('says that there were no calls', () => {
    const empty = {
      ...summary,
      series: [],
      groups: [],
      topCalls: [],
      anomalies: [],
      total: group('total', 0),
    };

    assert.match(costsText({ ...report, summary: empty }, plain), /\n\nNo calls\.\n/);
  });
});
