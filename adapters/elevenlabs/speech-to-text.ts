/** SpeechToText over ElevenLabs' realtime recogniser: one socket per call, repaired when it breaks. */
import { createBoundedQueue } from '#core/async/bounded-queue.ts';
import { ProviderError } from '#core/errors.ts';
import { limits } from '#core/limits.ts';
import type { Clock } from '#core/ports/clock.ts';
import type {
  SpeechToText,
  SpeechToTextOptions,
  SpeechToTextSession,
  TranscriptEvent,
} from '#core/ports/speech-to-text.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import { type CommitAnswers, createCommitAnswers } from './commit-answers.ts';
import { createEndpoint, type Endpoint, type EndpointOptions } from './endpoint.ts';
import { createRecogniserConnection } from './recogniser-connection.ts';
import { createRecogniserLink, type RecogniserLinkHandlers } from './recogniser-link.ts';
import { reportRepair } from './reconnects.ts';
import { type ConnectSocket, connectWebSocket } from './socket.ts';
import {
  type CommitStrategy,
  keytermCharsMax,
  keytermsMax,
  type RecogniserMessage,
  type RecogniserSettings,
  recogniserPath,
  recogniserQuery,
} from './speech-to-text-wire.ts';
import { createTranscript, type Transcript } from './transcript.ts';
import { createUtteranceOutbox } from './utterance-outbox.ts';

/**
 * Audio kept for replay while no words are pending: what was said earlier would have shown up in an interim. Long
 * enough that a connection which died unnoticed still loses nothing of a short utterance.
 */
const quietReplayMs = 10_000;

export interface ElevenLabsSpeechToTextOptions extends EndpointOptions {
  readonly modelId?: string;
  /** `manual`: only our commits commit (default). `vad`: the vendor also commits after silence. */
  readonly commitStrategy?: CommitStrategy;
  /** 0.3 to 3.0; used with `vad`. */
  readonly vadSilenceThresholdSecs?: number;
  /** Live audio is sent in chunks of this length. */
  readonly chunkMs?: number;
  readonly clock: Clock;
  /** Told of failed attempts to connect; what breaks a session comes with its events. */
  readonly telemetry?: Telemetry;
  readonly connect?: ConnectSocket;
}

interface SessionDeps {
  readonly endpoint: Endpoint;
  readonly settings: RecogniserSettings;
  readonly chunkMs: number;
  readonly clock: Clock;
  readonly telemetry: Telemetry | undefined;
  readonly connect: ConnectSocket;
}

function usableKeyterms(options: SpeechToTextOptions, telemetry: Telemetry | undefined): readonly string[] {
  const given = options.keyterms ?? [];
  const usable = given.filter((term) => term !== '' && term.length <= keytermCharsMax).slice(0, keytermsMax);
  const dropped = given.length - usable.length;
  if (dropped > 0) telemetry?.log('warn', { msg: 'recogniser.keyterms-dropped', dropped });
  return usable;
}

/** Breaking off the loop ends the session: there is one consumer, and nobody is left to hear. */
function endingWith<T>(source: AsyncIterable<T>, end: () => void): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = source[Symbol.asyncIterator]();
      return {
        next: () => iterator.next(),
        async return() {
          end();
          return { value: undefined, done: true };
        },
      };
    },
  };
}

const ended: SpeechToTextSession = {
  write: () => undefined,
  commit: () => undefined,
  events: {
    async *[Symbol.asyncIterator]() {
      // Nothing was ever opened.
    },
  },
  audioSentMs: () => 0,
  close: () => Promise.resolve(),
};

function tell(message: RecogniserMessage, transcript: Transcript, answers: CommitAnswers): void {
  if (message.type === 'partial') transcript.partial(message.text);
  else if (message.type === 'committed') answers.committed(message.text);
  else if (message.type === 'throttled') answers.throttled();
  else if (message.type === 'no-speech') answers.noSpeech();
}

function linkOpener({ endpoint, settings, clock, connect }: SessionDeps, transcript: Transcript) {
  const path = `${recogniserPath}?${recogniserQuery(settings)}`;
  return (handlers: RecogniserLinkHandlers) =>
    createRecogniserLink({ ...handlers, endpoint, path, previousText: transcript.tail(), clock, connect });
}

function createSession(deps: SessionDeps, options: SpeechToTextOptions): SpeechToTextSession {
  const { clock, settings, telemetry } = deps;
  const { signal, callSid } = options;
  const events = createBoundedQueue<TranscriptEvent>(limits.eventQueueMax);
  const outbox = createUtteranceOutbox(deps.chunkMs);
  let over = false;

  const push = (event: TranscriptEvent) => {
    // An interim that nobody reads may be lost, the next one replaces it; nothing else may.
    if (over || events.push(event) || event.type === 'interim') return;
    const code = 'event-queue-full';
    finish(
      new ProviderError('Events are not read', { provider: 'elevenlabs-stt', failure: 'protocol', code }),
    );
  };
  const transcript = createTranscript(push);

  const finish = (error?: ProviderError) => {
    if (over) return;
    over = true;
    connection.close();
    signal.removeEventListener('abort', onAbort);
    answers.stop();
    outbox.detach();
    if (error) events.fail(error);
    else events.end();
  };
  const onAbort = () => finish();
  signal.addEventListener('abort', onAbort, { once: true });

  const answers = createCommitAnswers({
    ...settings,
    outbox,
    transcript,
    clock,
    onUnanswered: (error, final) => connection.lose(error, final),
  });

  const connection = createRecogniserConnection({
    clock,
    openLink: linkOpener(deps, transcript),
    onReady() {
      push({ type: 'ready' });
      outbox.attach(connection.sendAudio);
      answers.watch();
    },
    onMessage: (message) => tell(message, transcript, answers),
    onInterrupted(error, wasReady) {
      outbox.detach();
      transcript.lost();
      if (wasReady) push({ type: 'interrupted', error });
      else reportRepair(telemetry, callSid, error);
      answers.lost(error);
    },
    onGone: finish,
    onIdle: outbox.keepAlive,
  });

  return {
    write(audio) {
      if (over || audio.length === 0) return;
      outbox.write(audio);
      const quiet = connection.isReady() && !transcript.wordsPending() && !outbox.head();
      outbox.keepLast(quiet ? quietReplayMs : limits.recogniserReplayMs);
    },
    commit() {
      if (over) return;
      outbox.commit();
      answers.watch();
    },
    events: endingWith(events, finish),
    audioSentMs: outbox.sentMs,
    close() {
      finish();
      return connection.whenClosed();
    },
  };
}

/** Throws `TypeError` at once for settings that could never work. Everything else fails through the sessions. */
export function createElevenLabsSpeechToText(options: ElevenLabsSpeechToTextOptions): SpeechToText {
  const { clock, telemetry, connect = connectWebSocket, chunkMs = 100 } = options;
  const endpoint = createEndpoint(options);
  return {
    open(session) {
      const settings: RecogniserSettings = {
        modelId: options.modelId ?? 'scribe_v2_realtime',
        languageCode: session.languageCode,
        commitStrategy: options.commitStrategy ?? 'manual',
        vadSilenceThresholdSecs: options.vadSilenceThresholdSecs ?? 0.6,
        keyterms: usableKeyterms(session, telemetry),
      };
      if (session.signal.aborted) return ended;
      return createSession({ endpoint, settings, chunkMs, clock, telemetry, connect }, session);
    },
  };
}
