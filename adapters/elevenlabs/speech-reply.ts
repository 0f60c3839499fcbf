import { ProviderError } from '#core/errors.ts';
import { limits } from '#core/limits.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Speech } from '#core/ports/text-to-speech.ts';
import { createChunkQueue } from './chunk-queue.ts';
import { createReplyProgress } from './reply-progress.ts';
import type { ContextListener, SpeechContext } from './speech-connection.ts';
import type { SpokenMessage } from './text-to-speech-wire.ts';
import { createTimers } from './timers.ts';

/** What a reply needs of the session it belongs to. */
export interface ReplyHost {
  /** @returns undefined when there is no room now; `advance()` is called when that may have changed. */
  openContext(listener: ContextListener): SpeechContext | undefined;
  /** No audio came in time: the connection may be dead without having said so. */
  suspectConnection(error: ProviderError): void;
  /** The session has ended: nothing is heard any more. */
  isOver(): boolean;
  /** The reply is over, whichever way. */
  onOver(reply: SpeechReply): void;
}

export interface SpeechReply {
  readonly speech: Speech;
  /** Does whatever can be done now: a text came, a connection opened, a context became free. */
  advance(): void;
  /** The connection of its context is lost, and another is on its way. */
  connectionLost(error: ProviderError): void;
  fail(error: Error): void;
  /** Ends without another chunk. */
  cancel(): void;
}

export interface SpeechReplyOptions {
  readonly text: AsyncIterable<string>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly host: ReplyHost;
}

/** Calls `take` for each piece until the text ends or `stopped` resolves. Throws what the text throws. */
async function collect(text: AsyncIterable<string>, stopped: Promise<void>, take: (piece: string) => void) {
  const iterator = text[Symbol.asyncIterator]();
  const stop = stopped.then(() => undefined);
  for (;;) {
    const next = await Promise.race([iterator.next(), stop]);
    if (next?.done) return;
    if (next === undefined) {
      // Not awaited: a generator that waits for the model answers only when the model does, and then nobody cares.
      const ignore = () => undefined;
      iterator.return?.().then(ignore, ignore);
      return;
    }
    take(next.value);
  }
}

const speechError = (failure: 'timeout' | 'unavailable' | 'protocol', code: string) =>
  new ProviderError('The reply could not be spoken', { provider: 'elevenlabs-tts', failure, code });

const toError = (cause: unknown): Error =>
  cause instanceof Error ? cause : new Error('The text of the reply failed', { cause });

/** Begins to read the text at once. */
export function createSpeechReply({ text, signal, clock, host }: SpeechReplyOptions): SpeechReply {
  const progress = createReplyProgress();
  const queue = createChunkQueue({
    isUnwanted: () => signal.aborted || host.isOver(),
    onReturn: () => reply.cancel(),
  });
  const timers = createTimers<'silence'>(clock);
  const stopped = Promise.withResolvers<void>();
  let context: SpeechContext | undefined;
  let over = false;

  const finish = (last: () => void) => {
    if (over) return;
    over = true;
    signal.removeEventListener('abort', onAbort);
    timers.clearAll();
    stopped.resolve();
    last();
    host.onOver(reply);
  };
  const complete = () => finish(queue.end);
  const onFinal = () => {
    if (progress.heardAnything() || progress.isSpokenOut()) complete();
    else reply.fail(speechError('unavailable', 'no-audio'));
  };
  const onAbort = () => reply.cancel();

  const onSilence = () => {
    if (progress.isSpokenOut()) return complete();
    const error = speechError('timeout', progress.heardAnything() ? 'chunk-gap' : 'first-audio');
    reply.fail(error);
    host.suspectConnection(error);
  };

  const watchSilence = (restart: boolean) => {
    if (over || !progress.isOwed()) return timers.clear('silence');
    if (timers.isSet('silence') && !restart) return;
    const ms = progress.heardAnything() ? limits.speechChunkGapTimeoutMs : limits.speechFirstAudioTimeoutMs;
    timers.set('silence', ms, onSilence);
  };

  const onSpoken = (message: SpokenMessage) => {
    if (!queue.push(progress.take(message))) return reply.fail(speechError('protocol', 'chunk-queue-full'));
    watchSilence(true);
  };

  const reply: SpeechReply = {
    speech: { chunks: queue.chunks, charactersSent: progress.charactersSent },
    advance() {
      if (over) return;
      if (progress.unsent() !== '') context ??= host.openContext({ onSpoken, onFinal });
      if (progress.unsent() !== '' && context?.send(progress.unsent())) progress.markSent();
      if (progress.textEnded() && progress.unsent() === '') {
        if (!context) return complete();
        context.finish();
      }
      watchSilence(false);
    },
    connectionLost(error) {
      if (over || !context) return;
      context = undefined;
      if (progress.isSpokenOut()) complete();
      else if (!progress.resume()) reply.fail(error);
    },
    fail(error) {
      context?.cancel();
      finish(() => queue.fail(error));
    },
    cancel() {
      context?.cancel();
      finish(queue.end);
    },
  };

  signal.addEventListener('abort', onAbort, { once: true });
  const take = (piece: string) => {
    progress.add(piece);
    reply.advance();
  };
  const onTextEnd = () => {
    progress.endText();
    reply.advance();
  };
  collect(text, stopped.promise, take).then(onTextEnd, (cause: unknown) => reply.fail(toError(cause)));
  return reply;
}
