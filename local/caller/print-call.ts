/** A call as a person reads it in a terminal. Pure. */
import type { RecordAnswer } from '#core/http/records.ts';
import type { TurnRecord } from '#core/records/turn-record.ts';
import type { CallerEvent, CallReport } from './report.ts';
import { drawWaterfall } from './waterfall.ts';

const seconds = (ms: number) => `${(ms / 1000).toFixed(2).padStart(7)} s`;

/** One line, while the call goes on. */
export function printEvent({ atMs, who, text, latencyMs }: CallerEvent): string {
  const latency = latencyMs === undefined ? '' : ` ${latencyMs} ms after the caller`;
  return `${seconds(atMs)}  ${who.padEnd(9)}  ${text}${latency}`;
}

const stages = [
  ['endOfUtteranceDelayMs', 'endpoint'],
  ['transcriptionDelayMs', 'final words'],
  ['ttftMs', 'first token'],
  ['ttfbMs', 'first audio'],
  ['toolMs', 'tool'],
  ['fillerLatencyMs', 'hold phrase'],
  ['responseLatencyMs', 'answer after'],
  ['bargeInMs', 'stopped after'],
] as const;

function printTurn({ speaker, text, interrupted, latencies, tools }: TurnRecord): string {
  const cut = interrupted ? ' — (interrupted)' : '';
  const times = stages.flatMap(([name, label]) => {
    const ms = latencies?.[name];
    return ms === undefined ? [] : [`${label} ${Math.round(ms)} ms`];
  });
  const used = (tools ?? []).map(({ name, status }) => `${name}: ${status}`);
  const details = [...times, ...used].join(' · ');
  const under = [...(details === '' ? [] : [details]), ...(latencies ? drawWaterfall(latencies) : [])];
  return [`  ${speaker.padEnd(9)}  ${text}${cut}`, ...under.map((line) => ' '.repeat(13) + line)].join('\n');
}

function printCost(record: RecordAnswer | undefined, costLines: readonly string[]): string[] {
  if (!record?.costSummary)
    return ['The call has no finished record: its costs are not known.', ...costLines];
  const { estimatedCostUsd, costByService } = record.costSummary;
  const parts = Object.entries(costByService).map(
    ([service, usd]) => `${service} ${usd === null ? 'unknown' : `$${usd.toFixed(5)}`}`,
  );
  const total = estimatedCostUsd === null ? 'unknown' : `$${estimatedCostUsd.toFixed(4)}`;
  return [
    `Outcome ${record.outcome}, ${record.durationSecs} s, ${record.turnCount} turns, cost ${total}`,
    `  ${parts.join(' · ')}`,
    ...(costLines.length === 0 ? [] : ['', 'Cost line:', ...costLines.map((line) => `  ${line}`)]),
  ];
}

export interface PrintedCall {
  readonly report: CallReport;
  readonly record: RecordAnswer | undefined;
  readonly costLines: readonly string[];
  readonly wavFile: string;
}

/** What stands under the conversation when the call is over. */
export function printReport({ report, record, costLines, wavFile }: PrintedCall): string {
  const { replyLatenciesMs, bargeInsMs, repliesHeard, repliesExpected, ledger } = report;
  const listed = (values: readonly number[]) => values.map((ms) => `${ms} ms`).join(', ');
  const turns = record?.turns ?? [];
  return [
    '',
    ...(turns.length === 0 ? [] : ['What was understood, and what was heard:', ...turns.map(printTurn), '']),
    `Replies heard: ${repliesHeard} of ${repliesExpected}`,
    ...(replyLatenciesMs.length === 0 ? [] : [`  by the caller's ear, after: ${listed(replyLatenciesMs)}`]),
    ...(bargeInsMs.length === 0 ? [] : [`  interrupted, silent after: ${listed(bargeInsMs)}`]),
    '',
    ...printCost(record, costLines),
    ...ledger.violations.map(({ code, problem }) => `Twilio would report ${code}: ${problem}`),
    '',
    `Call ${report.callSid ?? 'without an id'} ${report.status}`,
    `Recording: ${wavFile}`,
    '',
  ].join('\n');
}
