/** What `GET /costs/summary` answers, as a table and a small chart for a terminal. */
import type { CostSummaryAnswer } from '#core/http/costs.ts';

const barWidth = 40;
const nameWidth = 24;

const dollars = (amount: number | null) => (amount === null ? '-' : `$${amount.toFixed(4)}`);
const minutes = (secs: number) => (secs / 60).toFixed(1);

type Row = readonly string[];

/** First column to the left, figures to the right. */
function table(rows: readonly Row[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const groupRow = ({
  name,
  calls,
  durationSecs,
  costUsd,
  costPerMinuteUsd,
  wastedUsd,
  cacheSavedUsd,
}: CostSummaryAnswer['total']): Row => [
  name.slice(0, nameWidth),
  String(calls),
  minutes(durationSecs),
  dollars(costUsd),
  dollars(costPerMinuteUsd),
  dollars(wastedUsd),
  dollars(cacheSavedUsd),
];

function chart(series: CostSummaryAnswer['series']): string {
  const most = Math.max(...series.map(({ costUsd }) => costUsd), 0);
  return series
    .map(({ day, costUsd, complete }) => {
      const bar = '█'.repeat(most === 0 ? 0 : Math.round((costUsd / most) * barWidth));
      return `${day}${complete ? ' ' : '*'} ${bar.padEnd(barWidth)} ${dollars(costUsd)}`;
    })
    .join('\n');
}

function reconciliationLines({ reconciliations }: CostSummaryAnswer): readonly string[] {
  return reconciliations.flatMap(({ day, comparisons }) =>
    comparisons.map(
      ({ service, status, oursUsd, theirsUsd, explanation }) =>
        `${day}  ${service}: ${status}, ours ${dollars(oursUsd)}, theirs ${dollars(theirsUsd)}. ${explanation}`,
    ),
  );
}

export function costsText(answer: CostSummaryAnswer): string {
  const { from, to, groupBy, total, topCalls, missingDays } = answer;
  // Days before the first call tell nothing.
  const begun = answer.series.findIndex(({ calls, costUsd }) => calls > 0 || costUsd > 0);
  const series = begun === -1 ? [] : answer.series.slice(begun);
  const first = series[0]?.day ?? '';
  const groups = groupBy === 'day' ? answer.groups.filter(({ name }) => name >= first) : answer.groups;
  const header = [groupBy, 'calls', 'minutes', 'cost', 'a minute', 'wasted', 'cache saved'];
  const services = Object.entries(total.costByService).map(
    ([service, usd]) => `${service} ${dollars(usd ?? 0)}`,
  );
  const unknown = total.callsOfUnknownCost;
  const parts = [
    `Costs from ${from} to ${to} (UTC)`,
    table([header, ...groups.map(groupRow), groupRow(total)]),
    ...(services.length > 0 ? [`By service: ${services.join(', ')}`] : []),
    ...(answer.unallocatedUsd > 0
      ? [
          `Tasks that waited for calls (unallocated): ${dollars(answer.unallocatedUsd)}; with it ${dollars(total.costUsd + answer.unallocatedUsd)}`,
        ]
      : []),
    ...(series.length > 0 ? [chart(series)] : []),
    ...(series.some(({ complete }) => !complete) ? ['* not over yet'] : []),
    ...(topCalls.length > 0
      ? [
          `Dearest calls:\n${topCalls.map(({ callSid, role, costUsd }) => `  ${callSid}  ${role}  ${dollars(costUsd)}`).join('\n')}`,
        ]
      : []),
    ...(unknown > 0 ? [`${unknown} calls have a part whose price is not known: the total is too low.`] : []),
    ...(missingDays.length > 0 ? [`Not added up yet: ${missingDays.join(', ')}`] : []),
    ...(answer.reconciliations.length > 0 ? [reconciliationLines(answer).join('\n')] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}
