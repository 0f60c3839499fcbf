/** What many calls came to. Pure. */
import type { CallReport } from './report.ts';

export interface LoadOutcome {
  readonly report?: CallReport;
  /** The center has summed up what it cost. */
  readonly hasCost: boolean;
  /** Why there is no report. */
  readonly error?: string;
}

export interface Percentiles {
  readonly count: number;
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
  readonly max: number | undefined;
}

export interface LoadSummary {
  readonly calls: number;
  readonly completed: number;
  /** Calls by what went wrong. */
  readonly failures: Readonly<Record<string, number>>;
  readonly repliesHeard: number;
  readonly repliesExpected: number;
  readonly replyLatencyMs: Percentiles;
  readonly bargeInMs: Percentiles;
  /** Entries of Twilio's debugger by code. */
  readonly violations: Readonly<Record<string, number>>;
  readonly callsWithCost: number;
  readonly good: boolean;
}

/** Nearest rank. */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)];
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) };
}

function countBy(keys: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

export function summarise(outcomes: readonly LoadOutcome[]): LoadSummary {
  const reports = outcomes.flatMap(({ report }) => (report ? [report] : []));
  const completed = reports.filter(({ status }) => status === 'completed').length;
  const repliesHeard = reports.reduce((sum, report) => sum + report.repliesHeard, 0);
  const repliesExpected = reports.reduce((sum, report) => sum + report.repliesExpected, 0);
  const callsWithCost = outcomes.filter(({ hasCost }) => hasCost).length;
  const failures = outcomes.flatMap(({ report, error }) => {
    if (error !== undefined) return [error];
    return report && report.status !== 'completed' ? [`call ${report.status}`] : [];
  });
  const violations = reports.flatMap(({ ledger }) => ledger.violations.map(({ code }) => String(code)));
  return {
    calls: outcomes.length,
    completed,
    failures: countBy(failures),
    repliesHeard,
    repliesExpected,
    replyLatencyMs: percentiles(reports.flatMap(({ replyLatenciesMs }) => replyLatenciesMs)),
    bargeInMs: percentiles(reports.flatMap(({ bargeInsMs }) => bargeInsMs)),
    violations: countBy(violations),
    callsWithCost,
    good:
      completed === outcomes.length &&
      repliesHeard === repliesExpected &&
      callsWithCost === outcomes.length &&
      violations.length === 0,
  };
}

const printPercentiles = ({ count, p50, p95, p99, max }: Percentiles): string =>
  count === 0 ? 'none measured' : `p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms, longest ${max} ms (${count})`;

const printCounts = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([what, count]) => `${count} × ${what}`)
    .join(', ') || 'none';

export function printSummary(summary: LoadSummary): string {
  return [
    '',
    `Calls completed      ${summary.completed} of ${summary.calls}`,
    `Failures             ${printCounts(summary.failures)}`,
    `Replies heard        ${summary.repliesHeard} of ${summary.repliesExpected}`,
    `Reply latency (ear)  ${printPercentiles(summary.replyLatencyMs)}`,
    `Stopped by barge-in  ${printPercentiles(summary.bargeInMs)}`,
    `Twilio's debugger    ${printCounts(summary.violations)}`,
    `Calls with costs     ${summary.callsWithCost} of ${summary.calls}`,
    '',
  ].join('\n');
}
