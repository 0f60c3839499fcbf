/** A turn is over for the caller: it is noted as heard, shown to operators, and charged when nothing of it runs. */
import { limits } from '#core/limits.ts';
import type { MetricName } from '#core/ports/telemetry.ts';
import type { TurnLatencies } from '#core/records/turn-record.ts';
import type { AssistantSide } from './assistant-side.ts';
import { type AssistantTurn, latenciesOf } from './assistant-turn.ts';
import type { HeardWords } from './playback-track.ts';

const metricOf: Record<keyof TurnLatencies, MetricName> = {
  endOfUtteranceDelayMs: 'EndOfUtteranceDelayMs',
  transcriptionDelayMs: 'TranscriptionDelayMs',
  ttftMs: 'TtftMs',
  ttfbMs: 'TtfbMs',
  responseLatencyMs: 'ResponseLatencyMs',
  fillerLatencyMs: 'FillerLatencyMs',
  toolMs: 'ToolMs',
  bargeInMs: 'BargeInMs',
};

export const nothingHeard: HeardWords = { all: '', answer: '' };

export function endTurn(
  side: AssistantSide,
  run: AssistantTurn,
  heard: HeardWords,
  interrupted: boolean,
): void {
  const { deps, ear, journal, account, settling } = side;
  side.turns.delete(run.turn);
  side.gates.delete(run.turn);
  if (interrupted && heard.all !== '' && ear.startedAtMs !== undefined)
    run.moments.bargeInMs = Math.max(0, (ear.heldAtMs ?? deps.clock.nowMs()) - ear.startedAtMs);
  const stored = journal.noteAssistant(run, heard, interrupted);
  if (stored) {
    tellOperators(side, run, stored.n, interrupted);
    side.onTurnEnded();
  }
  const charged = run.work
    .then(() => {
      account.chargeTurn(run);
      if (run.modelRequests.some((request) => request.isUncounted())) side.uncounted.add(run);
    })
    .then(() => side.onCharged())
    .catch(side.onFailure)
    .finally(() => settling.delete(run));
  settling.set(run, charged);
}

function tellOperators(side: AssistantSide, run: AssistantTurn, turn: number, interrupted: boolean): void {
  const { telemetry } = side.deps;
  const { callSid, role } = side.claims;
  const latencies = latenciesOf(run.moments, run.toolUses);
  const toolCalls = run.toolUses.length;
  telemetry.emit('info', { msg: 'call.turn', callSid, turn, role, interrupted, toolCalls, ...latencies });
  for (const [stage, metric] of Object.entries(metricOf)) {
    const ms = latencies[stage as keyof TurnLatencies];
    if (ms !== undefined) telemetry.metric(metric, ms);
  }
  watchSilence(side, turn, latencies);
}

/** Nobody waits in silence: a caller who did is a fault of ours, whatever became of the turn. */
function watchSilence(side: AssistantSide, turn: number, latencies: TurnLatencies): void {
  const sounds = [latencies.fillerLatencyMs, latencies.responseLatencyMs].filter((ms) => ms !== undefined);
  const silenceMs = Math.min(...sounds);
  if (sounds.length === 0 || silenceMs <= limits.silenceMaxMs) return;
  const { telemetry } = side.deps;
  telemetry.metric('SilenceWatchdog', 1);
  telemetry.log('warn', { msg: 'call.silence', callSid: side.claims.callSid, turn, silenceMs });
}
