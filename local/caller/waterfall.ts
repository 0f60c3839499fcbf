/** Where the time before an answer went, drawn. Pure. */
import type { TurnLatencies } from '#core/records/turn-record.ts';

const barChars = 48;
const labelChars = 9;

/** Milliseconds from the caller's last sound. */
interface Stage {
  readonly label: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The stages of an answer without tools: with them the parts do not follow each other. */
function stagesOf(latencies: TurnLatencies): readonly Stage[] {
  const { responseLatencyMs: answer, endOfUtteranceDelayMs: turn, ttftMs, ttfbMs, toolMs } = latencies;
  if (answer === undefined || turn === undefined || ttftMs === undefined || ttfbMs === undefined) return [];
  if (toolMs !== undefined) return [];
  // Speech is asked for once words are there and the turn is ours; the model may have begun long before.
  const spokenFrom = answer - ttfbMs;
  const thoughtUntil = Math.max(ttftMs, Math.min(spokenFrom, answer));
  return [
    { label: 'endpoint', fromMs: 0, toMs: turn },
    { label: 'model', fromMs: Math.max(0, thoughtUntil - ttftMs), toMs: thoughtUntil },
    { label: 'speech', fromMs: spokenFrom, toMs: answer },
  ];
}

/** @returns one line a stage, all to one scale; none when a stage is not known. */
export function drawWaterfall(latencies: TurnLatencies): readonly string[] {
  const stages = stagesOf(latencies);
  const totalMs = Math.max(1, ...stages.map(({ toMs }) => toMs));
  const column = (ms: number) => Math.round((ms / totalMs) * barChars);
  return stages.map(({ label, fromMs, toMs }) => {
    const [from, to] = [column(fromMs), Math.max(column(toMs), column(fromMs) + 1)];
    const bar = `${'·'.repeat(from)}${'█'.repeat(to - from)}`.padEnd(barChars, '·').slice(0, barChars + 1);
    return `${label.padEnd(labelChars)}${bar}  ${Math.round(fromMs)}–${Math.round(toMs)} ms`;
  });
}
