import { ProviderError } from '#core/errors.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { CommitStrategy } from './speech-to-text-wire.ts';
import type { Transcript } from './transcript.ts';
import type { UtteranceOutbox } from './utterance-outbox.ts';

/** From commit to its text. Published figures: 150 ms typical, 410 ms P99 to the final segment. */
export const commitAnswerTimeoutMs = 2_500;
/** A commit unanswered on this many connections is a failure, however well they connect. */
const commitSendsMax = 2;

export interface CommitAnswersOptions {
  readonly outbox: UtteranceOutbox;
  readonly transcript: Transcript;
  readonly clock: Clock;
  readonly commitStrategy: CommitStrategy;
  readonly vadSilenceThresholdSecs: number;
  /** A commit got no answer: `final` when another connection would not help. */
  onUnanswered(error: ProviderError, final: boolean): void;
}

/** Sees to it that every commit is answered, or is said to have failed, within a bound. */
export interface CommitAnswers {
  /** A commit was asked for, or a connection that knows of the pending ones is ready. */
  watch(): void;
  /** The connection is lost: its answers will not come. */
  lost(error: ProviderError): void;
  /** The session is over. */
  stop(): void;
  committed(text: string): void;
  /** The vendor refused a commit for too little new audio. */
  throttled(): void;
  noSpeech(): void;
}

const commitError = (failure: 'timeout' | 'overloaded', code: string) =>
  new ProviderError('The recogniser did not answer a commit', { provider: 'elevenlabs-stt', failure, code });

export function createCommitAnswers(options: CommitAnswersOptions): CommitAnswers {
  const { outbox, transcript, clock } = options;
  let cancelTimer: (() => void) | undefined;
  let throttledOnce = false;

  const stop = () => {
    cancelTimer?.();
    cancelTimer = undefined;
    throttledOnce = false;
  };

  const unanswered = (error: ProviderError) => {
    stop();
    options.onUnanswered(error, (outbox.head()?.sends ?? 0) >= commitSendsMax);
  };

  const watch = () => {
    while (outbox.head()?.empty) {
      outbox.answered();
      transcript.commit('');
    }
    if (cancelTimer || !outbox.head()?.sends) return;
    cancelTimer = clock.setTimer(commitAnswerTimeoutMs, () => {
      unanswered(commitError('timeout', 'commit-timeout'));
    });
  };

  const committed = (text: string) => {
    if (outbox.head()) {
      stop();
      outbox.answered();
      transcript.commit(text);
      watch();
    } else if (options.commitStrategy === 'vad') {
      // The silence that led to this commit stays on the tape, so that no word after it can be missing.
      outbox.forgetSent(options.vadSilenceThresholdSecs * 1_000);
      transcript.commit(text);
    } else {
      outbox.forgetSent(0);
      transcript.hold(text);
    }
  };

  return {
    watch,
    stop,
    lost(error) {
      stop();
      // A connection that breaks at every commit would else be opened for ever.
      if ((outbox.head()?.sends ?? 0) > commitSendsMax) options.onUnanswered(error, true);
    },
    committed,
    throttled() {
      if (!outbox.head()) return;
      if (throttledOnce) return unanswered(commitError('overloaded', 'commit_throttled'));
      throttledOnce = true;
      outbox.commitAgain();
    },
    noSpeech() {
      if (outbox.head()) committed('');
    },
  };
}
