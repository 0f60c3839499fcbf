/** A call as a person reads it in a terminal. */
import type { TurnRecord } from '#core/records/turn-record.ts';
import type { CallerEvent, CallReport } from './caller.ts';
import type { CallRecordAnswer } from './record.ts';

const seconds = (ms: number) => `${(ms / 1000).toFixed(1).padStart(6)}s`;

export function printEvent({ atMs, who, text }: CallerEvent): string {
  return `${seconds(atMs)}  ${who.padEnd(9)}  ${text}`;
}

const stages = [
  ['endOfUtteranceDelayMs', 'endpoint'],
  ['transcriptionDelayMs', 'final words'],
  ['ttftMs', 'first token'],
  ['ttfbMs', 'first audio'],
  ['toolMs', 'tool'],
  ['fillerLatencyMs', 'hold phrase'],
  ['responseLatencyMs', 'answer heard after'],
  ['bargeInMs', 'stopped after'],
] as const;

function printTurn({ speaker, text, interrupted, latencies }: TurnRecord): string {
  const cut = interrupted ? ' —(interrupted)' : '';
  const times = stages
    .filter(([name]) => latencies?.[name] !== undefined)
    .map(([name, label]) => `${label} ${latencies?.[name]} ms`);
  const detail = times.length === 0 ? '' : `\n             ${times.join(' · ')}`;
  return `  ${speaker.padEnd(9)}  ${text}${cut}${detail}`;
}

export function printReport(
  report: CallReport,
  record: CallRecordAnswer | undefined,
  wavFile: string,
): string {
  const lines = ['', 'What was said and heard:'];
  lines.push(...(record?.turns ?? []).map(printTurn));
  if (record?.costSummary) {
    const { estimatedCostUsd, costByService } = record.costSummary;
    const parts = Object.entries(costByService).map(
      ([service, usd]) => `${service} ${usd === null ? '?' : `$${usd.toFixed(5)}`}`,
    );
    const total = estimatedCostUsd === null ? 'unknown' : `$${estimatedCostUsd.toFixed(4)}`;
    lines.push(
      '',
      `Outcome ${record.outcome}, ${record.durationSecs} s, ${record.turnCount} turns, cost ${total}`,
      `  ${parts.join(' · ')}`,
    );
  } else lines.push('', 'The record of the call was not found or is not finished.');
  for (const { code, problem } of report.ledger.violations)
    lines.push(`Twilio would report ${code}: ${problem}`);
  lines.push('', `Recording: ${wavFile}`, '');
  return lines.join('\n');
}
