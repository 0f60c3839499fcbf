/** What is known of one assistant turn while it is made and heard. */
import type { ToolRound } from '#core/conversation/history.ts';
import type { ModelUsage } from '#core/costs/usage.ts';
import type { TurnId } from '#core/ids.ts';
import type { Speech } from '#core/ports/text-to-speech.ts';
import type { ToolUse, TurnLatencies } from '#core/records/turn-record.ts';
import type { Track } from './playback-track.ts';

/** Moments on the call's clock, milliseconds. */
export interface TurnMoments {
  /** The caller's last speech before this turn. */
  callerStoppedAtMs?: number;
  /** The utterance was ours to answer. */
  turnTakenAtMs?: number;
  committedAfterMs?: number;
  requestedAtMs?: number;
  firstTokenAtMs?: number;
  speechRequestedAtMs?: number;
  firstAudioAtMs?: number;
  holdSentAtMs?: number;
  answerSentAtMs?: number;
  bargeInMs?: number;
}

export interface ModelRequest {
  readonly model: string;
  readonly usage: ModelUsage;
  readonly estimated: boolean;
  readonly failed: boolean;
}

/** One request while it runs and after. */
export interface RequestMeter {
  /** What it has bought so far; undefined when the service has refused it. */
  read(): ModelRequest | undefined;
  /** The service has not counted its prompt: a later reading may know better. */
  isUncounted(): boolean;
}

export interface AssistantTurn {
  readonly turn: TurnId;
  readonly kind: 'reply' | 'phrase';
  readonly track: Track;
  readonly abort: AbortController;
  readonly moments: TurnMoments;
  /** Completed tool rounds; a tool that outlives an interruption still adds its round. */
  readonly rounds: ToolRound[];
  /** Words the model wrote per round, to share out what was heard. */
  readonly roundTexts: string[];
  readonly toolUses: ToolUse[];
  readonly modelRequests: RequestMeter[];
  /** What is, or was, spoken live: characters handed to the speech service so far. */
  readonly speeches: Pick<Speech, 'charactersSent'>[];
  /** Characters of recorded phrases. */
  recordedCharacters: number;
  heardAnything: boolean;
  /** Resolves when nothing of this turn runs any more. Never rejects. */
  work: Promise<void>;
}

export function newAssistantTurn(
  turn: TurnId,
  kind: AssistantTurn['kind'],
  track: Track,
  abort: AbortController,
): AssistantTurn {
  return {
    turn,
    kind,
    track,
    abort,
    moments: {},
    rounds: [],
    roundTexts: [],
    toolUses: [],
    modelRequests: [],
    speeches: [],
    recordedCharacters: 0,
    heardAnything: false,
    work: Promise.resolve(),
  };
}

const between = (from: number | undefined, to: number | undefined): number | undefined =>
  from === undefined || to === undefined ? undefined : Math.max(0, Math.round(to - from));

/** The stages of an answer from its moments; a stage that did not happen is left out. */
export function latenciesOf(moments: TurnMoments, toolUses: readonly ToolUse[]): TurnLatencies {
  const tools = toolUses.map(({ durationMs }) => durationMs);
  const stages = {
    endOfUtteranceDelayMs: between(moments.callerStoppedAtMs, moments.turnTakenAtMs),
    transcriptionDelayMs:
      moments.committedAfterMs === undefined ? undefined : Math.round(moments.committedAfterMs),
    ttftMs: between(moments.requestedAtMs, moments.firstTokenAtMs),
    ttfbMs: between(moments.speechRequestedAtMs, moments.firstAudioAtMs),
    responseLatencyMs: between(moments.callerStoppedAtMs, moments.answerSentAtMs),
    fillerLatencyMs: between(moments.callerStoppedAtMs, moments.holdSentAtMs),
    toolMs: tools.length === 0 ? undefined : Math.round(Math.max(...tools)),
    bargeInMs: moments.bargeInMs === undefined ? undefined : Math.round(moments.bargeInMs),
  };
  return Object.fromEntries(Object.entries(stages).filter(([, value]) => value !== undefined));
}
