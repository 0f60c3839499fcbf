/** One call: takes the next event, transitions, carries out the effects. The only loop there is. */

import type { MulawAudio } from '#core/audio/mulaw.ts';
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import type { CallEvent, Conversation, Effect, TimerName, WrapUpReason } from '#core/conversation/state.ts';
import { newConversation, transition } from '#core/conversation/transition.ts';
import type { ProviderName } from '#core/errors.ts';
import { isCancelled, isProviderError } from '#core/errors.ts';
import { limits } from '#core/limits.ts';
import { personaFor } from '#core/personas/index.ts';
import type { MediaStream, StreamStart } from '#core/ports/media-stream.ts';
import type { MetricName } from '#core/ports/telemetry.ts';
import { createCallAccount } from './call-account.ts';
import type { CallDependencies } from './call-dependencies.ts';
import { createCallFile } from './call-file.ts';
import { createListening } from './listening.ts';
import { createSpeaking } from './speaking.ts';
import { createTimers } from './timers.ts';
import { createTurnJournal } from './turn-journal.ts';

export interface CallSession {
  onMedia(audio: MulawAudio): void;
  onMark(name: string): void;
  onDtmf(digit: string): void;
  /** The phone side is gone. */
  onStreamEnd(): void;
  /** Brings the call to a polite end after the present exchange. */
  wrapUp(reason: WrapUpReason): void;
  /** Ends it now, without a word: the process has no more time. */
  abandon(): void;
  /** Resolves when the record is closed and every socket of the call too. Never rejects. */
  readonly done: Promise<void>;
}

const errorMetrics: Partial<Record<ProviderName, MetricName>> = {
  'elevenlabs-stt': 'SttErrors',
  'elevenlabs-tts': 'TtsErrors',
  anthropic: 'LlmErrors',
  mcp: 'ToolErrors',
};

export function startCall(
  deps: CallDependencies,
  call: { readonly claims: StreamClaims; readonly start: StreamStart; readonly stream: MediaStream },
): CallSession {
  const { clock, telemetry, settings } = deps;
  const { claims, stream } = call;
  const { callSid } = claims;
  const persona = personaFor(claims.role);
  const startedAtMs = clock.nowMs();
  const abort = new AbortController();
  const events: CallEvent[] = [];
  let state: Conversation = newConversation;
  let looping = false;
  let resolveDone: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    resolveDone = resolve;
  });

  const onFailure = (error: unknown) => {
    if (isCancelled(error)) return;
    if (!isProviderError(error)) {
      telemetry.log('error', {
        msg: 'call.unexpected-error',
        callSid,
        error: String((error as Error)?.name),
      });
      return;
    }
    const { provider, failure, code, retryable } = error;
    telemetry.emit('warn', {
      msg: 'provider.failed',
      callSid,
      provider,
      failure,
      retryable,
      ...(code === undefined ? {} : { code }),
    });
    const metric = errorMetrics[provider];
    if (metric) telemetry.metric(metric, 1);
  };

  const dispatch = (event: CallEvent) => {
    if (events.length >= limits.callEventQueueMax) return;
    events.push(event);
    if (looping) return;
    looping = true;
    try {
      for (let next = events.shift(); next; next = events.shift()) step(next);
    } finally {
      looping = false;
    }
  };

  const step = (event: CallEvent) => {
    const next = transition(state, event, settings.conversation);
    state = next.state;
    for (const effect of next.effects) perform(effect);
  };

  const shared = { callSid, clock, store: deps.store, telemetry, onFailure };
  const file = createCallFile({ ...shared, claims, retentionDays: settings.retentionDays });
  const account = createCallAccount({
    ...shared,
    prices: deps.prices,
    speechModel: settings.speechModel,
    computeShare: settings.computeShare,
  });
  const journal = createTurnJournal(shared);
  const timers = createTimers(clock, (timer: TimerName) =>
    dispatch({ type: 'timer-fired', timer, atMs: clock.nowMs() }),
  );
  const listening = createListening({
    callSid,
    languageCode: settings.languageCode,
    speechToText: deps.speechToText,
    detector: deps.openVoiceActivity(),
    activity: settings.speechActivity,
    clock,
    signal: abort.signal,
    dispatch: (event) => {
      speaking.notice(event);
      dispatch(event);
    },
    onFailure,
  });
  const speaking = createSpeaking({
    deps,
    claims,
    persona,
    stream,
    signal: abort.signal,
    journal,
    account,
    dispatch,
    onFailure,
    onTurnEnded: () => file.touch(journal.turnCount()),
  });
  const cancelAlive = clock.setTimer(limits.aliveEveryMs, keepAlive);
  let cancelKeepAlive = cancelAlive;
  const cancelMaxDuration = clock.setTimer(settings.callMaxMs, () =>
    dispatch({ type: 'wrap-up-requested', reason: 'max-duration', atMs: clock.nowMs() }),
  );

  function keepAlive() {
    file.touch(journal.turnCount());
    void account.save();
    cancelKeepAlive = clock.setTimer(limits.aliveEveryMs, keepAlive);
  }

  const perform = (effect: Effect) => {
    switch (effect.type) {
      case 'set-timer':
        return timers.set(effect.timer, effect.ms);
      case 'clear-timer':
        return timers.clear(effect.timer);
      case 'commit-utterance':
        speaking.noteCommitRequested();
        return listening.commit();
      case 'reopen-recogniser':
        return listening.reopen();
      case 'note-utterance':
        return journal.noteCaller(effect.text.slice(0, limits.utteranceCharsMax));
      case 'flag-crisis':
        return file.flagCrisis();
      case 'end-call':
        void finish(effect);
        return;
      default:
        return speaking.perform(effect);
    }
  };

  const finish = async ({ outcome, transferTo }: Extract<Effect, { type: 'end-call' }>) => {
    timers.clearAll();
    cancelKeepAlive();
    cancelMaxDuration();
    const durationSecs = Math.round((clock.nowMs() - startedAtMs) / 100) / 10;
    try {
      await speaking.close();
      account.chargeCall({
        durationSecs,
        recognisedSecs: listening.audioSentMs() / 1000,
        direction: claims.direction,
      });
      await Promise.all([account.save(), journal.settled()]);
      const ending = {
        outcome,
        endedAt: clock.now().toISOString(),
        durationSecs,
        turnCount: journal.turnCount(),
        costSummary: account.summary(),
      };
      await file.close(ending, transferTo);
      telemetry.metric(outcome === 'failed' || outcome === 'lost' ? 'CallsFailed' : 'CallsCompleted', 1);
    } catch (error) {
      onFailure(error);
    } finally {
      stream.close();
      abort.abort();
      await listening.close().catch(onFailure);
      resolveDone();
    }
  };

  void file.open();
  telemetry.emit('info', {
    msg: 'call.started',
    callSid,
    streamSid: call.start.streamSid,
    role: claims.role,
    direction: claims.direction,
    callerHash: claims.callerHash,
    callerMasked: claims.callerMasked,
  });
  telemetry.metric('CallsStarted', 1);
  dispatch({ type: 'stream-started', atMs: clock.nowMs() });

  return {
    onMedia: (audio) => listening.onMedia(audio),
    onMark: (name) => speaking.onMark(name),
    onDtmf: (digit) => dispatch({ type: 'dtmf-pressed', digit, atMs: clock.nowMs() }),
    onStreamEnd: () => dispatch({ type: 'stream-ended', atMs: clock.nowMs() }),
    wrapUp: (reason) => dispatch({ type: 'wrap-up-requested', reason, atMs: clock.nowMs() }),
    abandon: () => dispatch({ type: 'stream-ended', atMs: clock.nowMs() }),
    done,
  };
}
