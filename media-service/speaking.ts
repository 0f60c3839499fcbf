/** The assistant's side of one call: replies and phrases made, played, held, silenced and accounted for. */
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import { callTools, endCallTool, transferCallTool } from '#core/conversation/call-tools.ts';
import { toModelMessages, trimMessages } from '#core/conversation/history.ts';
import { buildSystemPrompt } from '#core/conversation/prompt.ts';
import type { CallEvent, Effect } from '#core/conversation/state.ts';
import type { TurnId } from '#core/ids.ts';
import { limits } from '#core/limits.ts';
import type { Persona } from '#core/personas/persona.ts';
import type { ModelMessage, ToolCall } from '#core/ports/language-model.ts';
import type { MediaStream } from '#core/ports/media-stream.ts';
import type { ToolResult } from '#core/ports/tools.ts';
import { type AssistantTurn, latenciesOf, newAssistantTurn } from './assistant-turn.ts';
import type { CallAccount } from './call-account.ts';
import type { CallDependencies } from './call-dependencies.ts';
import { createGate, type Gate } from './gate.ts';
import { holdWords, phraseWords } from './phrase-words.ts';
import { createPlayback } from './playback.ts';
import type { AudioKind, HeardWords } from './playback-track.ts';
import { recordedChunk } from './recorded-speech.ts';
import { runReply, speakPieces } from './reply.ts';
import type { TurnJournal } from './turn-journal.ts';

type SpeakingEffect = Extract<
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
  /** Stops everything and waits, briefly, until every turn is accounted for. */
  close(): Promise<void>;
}

export interface SpeakingOptions {
  readonly deps: CallDependencies;
  readonly claims: StreamClaims;
  readonly persona: Persona;
  readonly stream: MediaStream;
  readonly signal: AbortSignal;
  readonly journal: TurnJournal;
  readonly account: CallAccount;
  readonly dispatch: (event: CallEvent) => void;
  readonly onFailure: (error: unknown) => void;
  readonly onTurnEnded: () => void;
}

/** How long the end of a call waits for cancelled work to report what it used. */
const settleMs = 1_000;

export function createSpeaking(options: SpeakingOptions): Speaking {
  const { deps, persona, claims, signal, journal, account, dispatch, onFailure } = options;
  const { clock, settings, telemetry } = deps;
  const voice = claims.voice ?? persona.voice;
  const turns = new Map<TurnId, AssistantTurn>();
  const gates = new Map<TurnId, Gate>();
  const settling = new Set<Promise<void>>();
  const speech = deps.textToSpeech.open({ callSid: claims.callSid, voice, signal });
  const tools = availableTools(deps, persona);
  const system = buildSystemPrompt(persona, { toolsAvailable: tools.map(({ name }) => name) });
  const ear: { stoppedAtMs?: number; startedAtMs?: number; commitAtMs?: number; committedAfterMs?: number } =
    {};

  const playback = createPlayback({
    stream: options.stream,
    clock,
    leadMs: settings.playbackLeadMs,
    listener: { onStarted, onEnded },
  });

  function onStarted(turn: TurnId, kind: AudioKind) {
    const run = turns.get(turn);
    if (!run) return;
    const atMs = clock.nowMs();
    if (kind === 'hold') {
      run.moments.holdSentAtMs ??= atMs;
      return;
    }
    run.moments.answerSentAtMs ??= atMs;
    if (run.kind === 'reply') dispatch({ type: 'reply-audio-started', turn, atMs });
  }

  function onEnded(turn: TurnId, heard: HeardWords, interrupted: boolean) {
    const run = turns.get(turn);
    if (!run) return;
    endTurn(run, heard, interrupted);
    if (!interrupted) dispatch({ type: 'playback-finished', turn, atMs: clock.nowMs() });
  }

  /** A turn is over for the caller: noted as heard, and charged as soon as nothing of it runs. */
  const endTurn = (run: AssistantTurn, heard: HeardWords, interrupted: boolean) => {
    turns.delete(run.turn);
    gates.delete(run.turn);
    if (interrupted && ear.startedAtMs !== undefined) run.moments.bargeInMs = clock.nowMs() - ear.startedAtMs;
    const stored = journal.noteAssistant(run, heard, interrupted);
    if (stored) {
      emitTurn(run, stored.n, interrupted);
      options.onTurnEnded();
    }
    const charged = run.work.then(() => account.chargeTurn(run)).then(() => account.save());
    const tracked = charged.catch(onFailure).finally(() => settling.delete(tracked));
    settling.add(tracked);
  };

  const emitTurn = (run: AssistantTurn, turn: number, interrupted: boolean) => {
    const latencies = latenciesOf(run.moments, run.toolUses);
    const toolCalls = run.toolUses.length;
    telemetry.emit('info', {
      msg: 'call.turn',
      callSid: claims.callSid,
      turn,
      role: claims.role,
      interrupted,
      toolCalls,
      ...latencies,
    });
    if (latencies.responseLatencyMs !== undefined)
      telemetry.metric('ResponseLatencyMs', latencies.responseLatencyMs);
    if (latencies.ttftMs !== undefined) telemetry.metric('TtftMs', latencies.ttftMs);
    if (latencies.ttfbMs !== undefined) telemetry.metric('TtfbMs', latencies.ttfbMs);
    if (latencies.bargeInMs !== undefined) telemetry.metric('BargeInMs', latencies.bargeInMs);
  };

  const say = ({ turn, phrase, nth }: Extract<SpeakingEffect, { type: 'say' }>) => {
    const run = newAssistantTurn(turn, 'phrase', playback.add(turn), new AbortController());
    turns.set(turn, run);
    const text = phraseWords(persona, phrase, nth);
    run.roundTexts.push(text);
    run.work = sayText(run, text, 'answer').then((spoken) => {
      if (spoken) run.track.complete();
      else if (!run.abort.signal.aborted) dispatch({ type: 'speech-lost', atMs: clock.nowMs() });
    });
  };

  /** From the recording when there is one, live otherwise. @returns whether it was spoken to its end. Never rejects. */
  const sayText = async (run: AssistantTurn, text: string, kind: AudioKind): Promise<boolean> => {
    const recorded = deps.recordedPhrases.find(voice, text);
    if (recorded) {
      run.recordedCharacters += text.length;
      run.track.push(recordedChunk(recorded, text), kind);
      return true;
    }
    try {
      await speakPieces(run, speech, once(text), clock, kind);
      return !run.abort.signal.aborted;
    } catch (error) {
      onFailure(error);
      return false;
    }
  };

  const sayHold = ({ turn, tool, nth }: Extract<SpeakingEffect, { type: 'say-hold' }>) => {
    const run = turns.get(turn);
    if (!run) return;
    void sayText(run, holdWords(persona, tool, nth), 'hold');
  };

  const startReply = ({ turn, utterance, draft }: Extract<SpeakingEffect, { type: 'start-reply' }>) => {
    const gate = createGate(!draft);
    const track = draft ? playback.prepare(turn) : playback.add(turn);
    const run = newAssistantTurn(turn, 'reply', track, new AbortController());
    turns.set(turn, run);
    gates.set(turn, gate);
    if (!draft) noteTurnTaken(run);
    const messages = draft ? [...history(), { role: 'caller', text: utterance } as const] : history();
    run.work = reply(run, gate, mergeCaller(messages));
  };

  const history = () => trimMessages(toModelMessages(journal.history()), settings.historyMessagesMax);

  const reply = async (run: AssistantTurn, gate: Gate, messages: readonly ModelMessage[]) => {
    const ended = await runReply({
      turn: run,
      request: { maxTokens: limits.replyTokensMax, system, tools: availableTools(deps, persona) },
      messages,
      models: [persona.model ?? settings.model, settings.fallbackModel],
      languageModel: deps.languageModel,
      clock,
      gate,
      speech,
      runTool: (call) => runTool(run, call),
      onToolStarted: (tool) => dispatch({ type: 'tool-started', turn: run.turn, tool, atMs: clock.nowMs() }),
      onProviderFailure: onFailure,
    });
    const atMs = clock.nowMs();
    if (ended.ended === 'completed')
      dispatch({ type: 'reply-completed', turn: run.turn, spoke: ended.spoke, atMs });
    if (ended.ended === 'failed') dispatch({ type: 'reply-failed', turn: run.turn, atMs });
  };

  const runTool = (run: AssistantTurn, call: ToolCall): Promise<ToolResult> => {
    const atMs = clock.nowMs();
    if (call.name === endCallTool.name) {
      dispatch({ type: 'end-requested', turn: run.turn, atMs });
      return Promise.resolve({ status: 'ok', content: 'The call ends when your words have been heard.' });
    }
    if (call.name === transferCallTool.name && settings.transferTo !== undefined) {
      dispatch({ type: 'transfer-requested', turn: run.turn, to: settings.transferTo, atMs });
      return Promise.resolve({
        status: 'ok',
        content: 'The caller is connected when your words have been heard.',
      });
    }
    // A tool outlives an interruption: what it found is still worth knowing in the next turn.
    return deps.tools.run(call, { callSid: claims.callSid, signal });
  };

  const noteTurnTaken = (run: AssistantTurn) => {
    run.moments.turnTakenAtMs = clock.nowMs();
    if (ear.stoppedAtMs !== undefined) run.moments.callerStoppedAtMs = ear.stoppedAtMs;
    if (ear.committedAfterMs !== undefined) run.moments.committedAfterMs = ear.committedAfterMs;
  };

  const confirm = (turn: TurnId) => {
    const run = turns.get(turn);
    if (!run) return;
    noteTurnTaken(run);
    playback.admit(run.track);
    gates.get(turn)?.open();
  };

  const cancel = (turn: TurnId) => {
    turns.get(turn)?.abort.abort();
    playback.silence();
    const unheard = turns.get(turn);
    if (unheard) endTurn(unheard, { all: '', answer: '' }, true);
  };

  const cancelAll = () => {
    for (const run of turns.values()) run.abort.abort();
    playback.silence();
    for (const run of [...turns.values()]) endTurn(run, { all: '', answer: '' }, true);
  };

  return {
    perform(effect) {
      switch (effect.type) {
        case 'say':
          return say(effect);
        case 'say-hold':
          return sayHold(effect);
        case 'start-reply':
          return startReply(effect);
        case 'confirm-reply':
          return confirm(effect.turn);
        case 'cancel-reply':
          return cancel(effect.turn);
        case 'hold-playback':
          return playback.hold();
        case 'resume-playback':
          return playback.resume();
      }
    },
    onMark: (name) => playback.onMark(name),
    notice(event) {
      if (event.type === 'caller-speech-started') ear.startedAtMs = event.atMs;
      if (event.type === 'caller-speech-stopped') ear.stoppedAtMs = event.lastSpeechAtMs;
      if (event.type === 'utterance-committed' && ear.commitAtMs !== undefined)
        ear.committedAfterMs = event.atMs - ear.commitAtMs;
    },
    noteCommitRequested() {
      ear.commitAtMs = clock.nowMs();
      delete ear.committedAfterMs;
    },
    async close() {
      cancelAll();
      const waited = new Promise<void>((resolve) => {
        const cancelWait = clock.setTimer(settleMs, resolve);
        void Promise.allSettled([...settling]).then(() => {
          cancelWait();
          resolve();
        });
      });
      await waited;
      await speech.close().catch(onFailure);
    },
  };
}

/** In a fixed order, so that the model's prompt cache holds. */
function availableTools(deps: CallDependencies, persona: Persona) {
  const own = callTools({ canTransfer: deps.settings.transferTo !== undefined });
  const allowed = deps.tools
    .definitions()
    .filter(({ name }) => persona.tools === 'all' || persona.tools.includes(name));
  return [...own, ...allowed];
}

/** A draft's words follow those of a caller turn that was not answered: to the model they are one message. */
function mergeCaller(messages: readonly ModelMessage[]): readonly ModelMessage[] {
  const last = messages.at(-1);
  const before = messages.at(-2);
  if (last?.role !== 'caller' || before?.role !== 'caller') return messages;
  // The utterance of a turn that was taken back holds the earlier words already.
  const text = last.text.startsWith(before.text) ? last.text : `${before.text} ${last.text}`;
  return [...messages.slice(0, -2), { role: 'caller', text }];
}

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}
