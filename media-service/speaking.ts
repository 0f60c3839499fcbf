/** The assistant's side of one call: replies and phrases made, played, held, silenced and accounted for. */
import { buildSystemPrompt } from '#core/conversation/prompt.ts';
import type { CallEvent, Effect } from '#core/conversation/state.ts';
import type { TurnId } from '#core/ids.ts';
import type { AssistantSide, AssistantSideOptions } from './assistant-side.ts';
import { sayHold, sayPhrase } from './phrase-speech.ts';
import { createPlayback } from './playback.ts';
import type { AudioKind, HeardWords } from './playback-track.ts';
import { cancelReply, confirmReply, offeredTools, startReply } from './reply-start.ts';
import { endTurn, nothingHeard } from './turn-ending.ts';

export type SpeakingEffect = Extract<
  Effect,
  {
    type:
      | 'say'
      | 'say-hold'
      | 'start-reply'
      | 'confirm-reply'
      | 'cancel-reply'
      | 'hold-playback'
      | 'resume-playback';
  }
>;

export interface Speaking {
  perform(effect: SpeakingEffect): void;
  onMark(name: string): void;
  /** What the caller's side does matters for latencies. */
  notice(event: CallEvent): void;
  noteCommitRequested(): void;
  /** Charges what the turns under way have bought so far. */
  chargeRunning(): void;
  /** Stops everything and waits, briefly, until every turn is accounted for. */
  close(): Promise<void>;
}

/** How long the end of a call waits for cancelled work to report what it used. */
const settleMs = 1_000;

export function createSpeaking(options: AssistantSideOptions): Speaking {
  const side = createSide(options);
  const { ear, playback } = side;
  return {
    perform: (effect) => perform(side, effect),
    onMark: (name) => playback.onMark(name),
    notice(event) {
      if (event.type === 'caller-speech-started') {
        ear.startedAtMs = event.atMs;
        delete ear.heldAtMs;
      }
      if (event.type === 'caller-speech-stopped') ear.stoppedAtMs = event.lastSpeechAtMs;
      if (event.type === 'utterance-committed' && ear.commitAtMs !== undefined)
        ear.committedAfterMs = event.atMs - ear.commitAtMs;
    },
    noteCommitRequested() {
      ear.commitAtMs = side.deps.clock.nowMs();
      delete ear.committedAfterMs;
    },
    chargeRunning() {
      for (const run of side.turns.values()) side.account.chargeTurn(run, { running: true });
    },
    close: () => close(side),
  };
}

function createSide(options: AssistantSideOptions): AssistantSide {
  const { deps, claims, persona, signal, stream } = options;
  const { clock, settings, textToSpeech } = deps;
  const voice = claims.voice ?? persona.voice;
  const side: AssistantSide = {
    ...options,
    voice,
    speech: textToSpeech.open({ callSid: claims.callSid, voice, signal }),
    system: buildSystemPrompt(persona, { toolsAvailable: offeredTools(options).map(({ name }) => name) }),
    turns: new Map(),
    gates: new Map(),
    settling: new Map(),
    uncounted: new Set(),
    ear: {},
    promptEstimates: deps.promptEstimates.forCall(),
    playback: createPlayback({
      stream,
      clock,
      leadMs: settings.playbackLeadMs,
      listener: {
        onStarted: (turn, kind) => playbackStarted(side, turn, kind),
        onEnded: (turn, heard, interrupted) => playbackEnded(side, turn, heard, interrupted),
      },
    }),
  };
  return side;
}

function perform(side: AssistantSide, effect: SpeakingEffect): void {
  switch (effect.type) {
    case 'say':
      return sayPhrase(side, effect);
    case 'say-hold':
      return sayHold(side, effect);
    case 'start-reply':
      return startReply(side, effect);
    case 'confirm-reply':
      return confirmReply(side, effect.turn);
    case 'cancel-reply':
      return cancelReply(side, effect.turn);
    case 'hold-playback':
      side.ear.heldAtMs ??= side.deps.clock.nowMs();
      return side.playback.hold();
    case 'resume-playback':
      return side.playback.resume();
  }
}

function playbackStarted(side: AssistantSide, turn: TurnId, kind: AudioKind): void {
  const run = side.turns.get(turn);
  if (!run) return;
  const atMs = side.deps.clock.nowMs();
  if (kind === 'hold') {
    run.moments.holdSentAtMs ??= atMs;
    return;
  }
  run.moments.answerSentAtMs ??= atMs;
  if (run.kind === 'reply') side.dispatch({ type: 'reply-audio-started', turn, atMs });
}

function playbackEnded(side: AssistantSide, turn: TurnId, heard: HeardWords, interrupted: boolean): void {
  const run = side.turns.get(turn);
  if (!run) return;
  endTurn(side, run, heard, interrupted);
  if (!interrupted) side.dispatch({ type: 'playback-finished', turn, atMs: side.deps.clock.nowMs() });
}

async function close(side: AssistantSide): Promise<void> {
  const { clock } = side.deps;
  for (const run of side.turns.values()) run.abort.abort();
  side.playback.silence();
  for (const run of [...side.turns.values()]) endTurn(side, run, nothingHeard, true);
  await new Promise<void>((resolve) => {
    const cancelWait = clock.setTimer(settleMs, resolve);
    void Promise.allSettled([...side.settling.values()]).then(() => {
      cancelWait();
      resolve();
    });
  });
  // What still runs, such as a tool that is slow, has bought what it has bought.
  for (const run of [...side.settling.keys(), ...side.uncounted]) side.account.chargeTurn(run);
  await side.speech.close().catch(side.onFailure);
}
