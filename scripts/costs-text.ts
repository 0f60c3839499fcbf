/** What the costs routes answer, as a report for a terminal. */

import type { CostAlert } from '#core/costs/alerts.ts';
import type { BudgetsAnswer, CostSummaryAnswer } from '#core/http/costs.ts';
import { bar, type Column, table } from './terminal-table.ts';

export interface CostsReport {
  readonly summary: CostSummaryAnswer;
  readonly budgets: BudgetsAnswer;
  /** What somebody has to look at. */
  readonly alerts: readonly CostAlert[];
}

export type Tone = 'strong' | 'quiet' | 'good' | 'warning' | 'bad';

export interface TextOptions {
  /** Columns of the terminal. */
  readonly width: number;
  /** Colours, where there are any. */
  readonly paint: (tone: Tone, text: string) => string;
}

type Summary = CostSummaryAnswer;

/** From here on cents say enough; below, a call's parts would all be $0.00. */
const centsFromUsd = 10;
const secsPerMinute = 60;
const barMax = 40;

const format = (digits: number) =>
  new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const [whole, oneDigit, cents, exact] = [format(0), format(1), format(2), format(4)] as const;

/** @param most the largest amount beside it, so that a column has one precision. */
const dollars = (amount: number | null, most = Math.abs(amount ?? 0)) =>
  amount === null ? '–' : `$${(most >= centsFromUsd ? cents : exact).format(amount)}`;
const percent = (part: number) => `${oneDigit.format(part * 100)} %`;
const minutes = (secs: number) => oneDigit.format(secs / secsPerMinute);

const section = (title: string, lines: readonly string[], { paint }: TextOptions): readonly string[] =>
  lines.length === 0 ? [] : [`${paint('strong', title)}\n${lines.join('\n')}`];

function headline({ summary, budgets }: CostsReport, options: TextOptions): string {
  const { from, to, total } = summary;
  const { forecast } = budgets;
  const figures = [
    options.paint('strong', dollars(total.costUsd)),
    `${whole.format(total.calls)} calls`,
    `${minutes(total.durationSecs)} minutes`,
    ...(total.costPerMinuteUsd === null ? [] : [`$${exact.format(total.costPerMinuteUsd)} a minute`]),
  ];
  const expected =
    forecast.projectedUsd === null
      ? `${forecast.month}: ${dollars(forecast.spentUsd)} so far. ${forecast.method}`
      : `${forecast.month}: ${dollars(forecast.spentUsd)} so far, ${dollars(forecast.projectedUsd)} expected (four times in five ${dollars(forecast.lowUsd)} to ${dollars(forecast.highUsd)})`;
  return [`Costs from ${from} to ${to} (UTC)`, figures.join('   '), expected].join('\n');
}

const columns = (groupBy: string): readonly Column[] => [
  { title: groupBy, align: 'left', expendable: 0 },
  { title: 'calls', align: 'right', expendable: 1 },
  { title: 'minutes', align: 'right', expendable: 3 },
  { title: 'cost', align: 'right', expendable: 0 },
  { title: 'share', align: 'right', expendable: 2 },
  { title: 'a minute', align: 'right', expendable: 4 },
  { title: 'wasted', align: 'right', expendable: 5 },
  { title: 'cache saved', align: 'right', expendable: 6 },
];

/** Days before the first call tell nothing. */
const begunOn = ({ series }: Summary): string =>
  series.find(({ calls, costUsd }) => (calls ?? 0) > 0 || (costUsd ?? 0) > 0)?.day ?? '';

function groupTable(summary: Summary, { width, paint }: TextOptions): readonly string[] {
  const { groupBy, groups, total } = summary;
  const shown = groupBy === 'day' ? groups.filter(({ name }) => name >= begunOn(summary)) : groups;
  const most = total.costUsd;
  const row = ({ name, calls, durationSecs, costUsd, ...rest }: Summary['total']) => [
    name,
    whole.format(calls),
    minutes(durationSecs),
    dollars(costUsd, most),
    total.costUsd === 0 ? '–' : percent(costUsd / total.costUsd),
    rest.costPerMinuteUsd === null ? '–' : `$${exact.format(rest.costPerMinuteUsd)}`,
    dollars(rest.wastedUsd, most),
    dollars(rest.cacheSavedUsd, most),
  ];
  return [
    table(columns(groupBy), [...shown, total].map(row), {
      width,
      header: (line) => paint('quiet', line),
      last: (line) => paint('strong', line),
    }),
  ];
}

/** A labelled bar: label, bar, figure. The bar takes what is left of the width. */
function bars(
  rows: readonly { readonly label: string; readonly usd: number | null; readonly note?: string }[],
  { width, paint }: TextOptions,
): readonly string[] {
  const most = Math.max(0, ...rows.map(({ usd }) => usd ?? 0));
  const figures = rows.map(({ usd }) => dollars(usd, most));
  const [labelWidth, figureWidth] = [rows.map(({ label }) => label), figures].map((texts) =>
    Math.max(0, ...texts.map((text) => text.length)),
  ) as [number, number];
  const size = Math.min(barMax, width - labelWidth - figureWidth - 2 * 2);
  return rows.map(({ label, usd, note }, i) => {
    const drawn = size < 1 ? '' : `${bar(most === 0 ? 0 : (usd ?? 0) / most, size)}  `;
    const line = `${label.padEnd(labelWidth)}  ${drawn}${(figures[i] ?? '').padStart(figureWidth)}`;
    return note === undefined ? line : `${line}  ${paint('warning', note)}`;
  });
}

function serviceBars({ total }: Summary, options: TextOptions): readonly string[] {
  const services = Object.entries(total.costByService).sort(([, a], [, b]) => (b ?? 0) - (a ?? 0));
  return bars(
    services.map(([service, usd]) => ({ label: service, usd: usd ?? 0 })),
    options,
  );
}

function dayBars(summary: Summary, options: TextOptions): readonly string[] {
  const first = begunOn(summary);
  if (first === '') return [];
  const unusual = Map.groupBy(summary.anomalies, ({ day }) => day);
  const days = summary.series.filter(({ day }) => day >= first);
  const lines = bars(
    days.map(({ day, costUsd, complete }) => {
      const found = unusual.get(day)?.map(({ service }) => service);
      return {
        label: `${day}${complete ? '' : '*'}`,
        usd: costUsd,
        ...(found === undefined ? {} : { note: `unusual: ${found.join(', ')}` }),
      };
    }),
    options,
  );
  return days.every(({ complete }) => complete)
    ? lines
    : [...lines, options.paint('quiet', '* goes on, or not added up since')];
}

const toneOf = { ok: 'good', warning: 'warning', critical: 'bad', 'used-up': 'bad' } as const;

function budgetLines({ items, burnDown }: BudgetsAnswer, options: TextOptions): readonly string[] {
  const labels = items.map(({ name, period }) => `${name} ${period}`);
  const widest = Math.max(0, ...labels.map((label) => label.length));
  const size = Math.min(20, Math.max(0, options.width - widest - 50));
  const lines = items.map(({ limitUsd, takenUsd, usedPart, state }, i) => {
    const drawn = size === 0 ? '' : `${bar(usedPart, size)}  `;
    const figures = `${percent(usedPart)} of ${dollars(limitUsd)}, ${dollars(Math.max(0, limitUsd - takenUsd))} left`;
    return `${(labels[i] ?? '').padEnd(widest)}  ${drawn}${options.paint(toneOf[state], state.padEnd(8))}  ${figures}`;
  });
  return burnDown.crossedOn === null
    ? lines
    : [
        ...lines,
        options.paint(
          'bad',
          `${burnDown.name} crosses its limit of ${dollars(burnDown.limitUsd)} for ${burnDown.month} on ${burnDown.crossedOn} at this rate.`,
        ),
      ];
}

const anomalyLines = ({ anomalies }: Summary): readonly string[] =>
  anomalies.map(
    ({ day, service, usd, usualUsd, score }) =>
      `${day}  ${service}: ${dollars(usd)} where ${dollars(usualUsd)} is usual (score ${score})`,
  );

const alertLines = (alerts: readonly CostAlert[], { paint }: TextOptions): readonly string[] =>
  alerts.map(
    ({ severity, raisedAt, message }) =>
      `${raisedAt.slice(0, 16)}  ${paint(severity === 'critical' ? 'bad' : 'warning', severity.padEnd(8))}  ${message}`,
  );

const topLines = ({ topCalls }: Summary): readonly string[] =>
  topCalls.map(
    ({ callSid, role, costUsd, durationSecs }) =>
      `${callSid}  ${dollars(costUsd)}  ${minutes(durationSecs)} min  ${role}`,
  );

const reconciliationLines = ({ reconciliations }: Summary, { paint }: TextOptions): readonly string[] =>
  reconciliations.flatMap(({ day, comparisons }) =>
    comparisons.map(
      ({ service, status, oursUsd, theirsUsd, explanation }) =>
        `${day}  ${service}: ${paint(status === 'differs' ? 'bad' : 'quiet', status)}, ours ${dollars(oursUsd)}, theirs ${dollars(theirsUsd)}. ${explanation}`,
    ),
  );

function unallocated({ summary }: CostsReport): readonly string[] {
  const { total, unallocatedUsd } = summary;
  if (unallocatedUsd === 0) return [];
  const billedUsd = total.costUsd + unallocatedUsd;
  return [
    `Tasks that waited for calls (unallocated): ${dollars(unallocatedUsd)}; with it ${dollars(billedUsd)}.`,
  ];
}

function doubts({ summary }: CostsReport, { paint }: TextOptions): readonly string[] {
  const { total, missingDays } = summary;
  const missing = missingDays.filter((day) => day >= begunOn(summary));
  return [
    ...(total.callsOfUnknownCost > 0
      ? [`${total.callsOfUnknownCost} calls have a part whose price is not known: the total is too low.`]
      : []),
    ...(total.estimatedUsd > 0
      ? [`${dollars(total.estimatedUsd)} rest on our own count until the vendors' is known.`]
      : []),
    ...(missing.length > 0 ? [`Not added up yet: ${missing.join(', ')}`] : []),
  ].map((line) => paint('warning', line));
}

export function costsText(report: CostsReport, options: TextOptions): string {
  const { summary, budgets, alerts } = report;
  const parts = [
    headline(report, options),
    ...(begunOn(summary) === '' ? ['No calls.'] : groupTable(summary, options)),
    ...section('By service', serviceBars(summary, options), options),
    ...unallocated(report),
    ...section('By day', dayBars(summary, options), options),
    ...section('Budgets', budgetLines(budgets, options), options),
    ...section('Unusual days', anomalyLines(summary), options),
    ...section('Open alerts', alertLines(alerts, options), options),
    ...section('Dearest calls', topLines(summary), options),
    ...section('Compared with the vendors', reconciliationLines(summary, options), options),
    ...(doubts(report, options).length > 0 ? [doubts(report, options).join('\n')] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}
