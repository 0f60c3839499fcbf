import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noTotals } from '#core/costs/totals.ts';
import { costsText } from '../../scripts/costs-table.ts';

const group = (name: string, costUsd: number) => ({
  ...noTotals,
  name,
  calls: 2,
  durationSecs: 120,
  costUsd,
  costPerMinuteUsd: costUsd / 2,
  costByService: { twilio: costUsd },
});
const day = (name: string, costUsd: number, complete = true) => ({
  day: name,
  calls: 2,
  durationSecs: 120,
  costUsd,
  costByService: { twilio: costUsd },
  wastedUsd: 0,
  cacheSavedUsd: 0,
  complete,
});

test('a person sees days, a chart to scale, the dearest calls, and what is missing', () => {
  const text = costsText({
    from: '2026-11-19',
    to: '2026-11-21',
    groupBy: 'day',
    total: { ...group('total', 0.3), callsOfUnknownCost: 1 },
    unallocatedUsd: 0.7,
    groups: [group('2026-11-20', 0.2), group('2026-11-21', 0.1)],
    series: [day('2026-11-20', 0.2), day('2026-11-21', 0.1, false)],
    topCalls: [{ callSid: 'CA1', role: 'judge', costUsd: 0.15, durationSecs: 60 }],
    missingDays: ['2026-11-19'],
    reconciliations: [],
  });

  assert.match(text, /2026-11-20 +2 +2\.0 +\$0\.2000 +\$0\.1000/);
  assert.match(text, /2026-11-20 {2}█{40} \$0\.2000\n2026-11-21\* █{20} {20} \$0\.1000/);
  assert.match(text, /CA1 {2}judge {2}\$0\.1500/);
  assert.match(text, /1 calls have a part whose price is not known/);
  assert.match(text, /unallocated\): \$0\.7000; with it \$1\.0000/);
  assert.match(text, /Not added up yet: 2026-11-19/);
});
