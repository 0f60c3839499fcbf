import type { MulawAudio } from '#core/audio/mulaw.ts';
import type { ProviderError } from '#core/errors.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { RecogniserLink, RecogniserLinkHandlers } from './recogniser-link.ts';
import { createReconnects, provenAfterMs } from './reconnects.ts';
import type { RecogniserMessage } from './speech-to-text-wire.ts';
import { createTimers } from './timers.ts';

/** Nothing sent for this long: the server closes after about 15 s without audio. */
export const keepAliveAfterMs = 5_000;

export interface RecogniserConnectionOptions {
  readonly clock: Clock;
  readonly openLink: (handlers: RecogniserLinkHandlers) => RecogniserLink;
  onReady(): void;
  onMessage(message: RecogniserMessage): void;
  /** Lost, and being opened again. `wasReady` is false while attempts go on failing. */
  onInterrupted(error: ProviderError, wasReady: boolean): void;
  /** Lost for good. Called at most once, and last. */
  onGone(error: ProviderError): void;
  /** Nothing was sent for a while: send something. */
  onIdle(): void;
}

/** A link that is opened again when it breaks, as often as that makes sense. */
export interface RecogniserConnection {
  sendAudio(audio: MulawAudio, commit: boolean): boolean;
  isReady(): boolean;
  /** Gives the present link up as if it had broken; `final`: and with it the connection. */
  lose(error: ProviderError, final?: boolean): void;
  /** Ends quietly. */
  close(): void;
  /** Resolves when the socket is closed. */
  whenClosed(): Promise<void>;
}

/** Connects at once. */
export function createRecogniserConnection(options: RecogniserConnectionOptions): RecogniserConnection {
  const { clock } = options;
  const timers = createTimers<'reconnect' | 'idle' | 'proven'>(clock);
  const reconnects = createReconnects();
  let link: RecogniserLink | undefined;
  let ready = false;
  let over = false;
  let lastSentMs = 0;

  const lose = (error: ProviderError, final = false) => {
    if (over) return;
    const wasReady = ready;
    ready = false;
    link?.close();
    timers.clearAll();
    const waitMs = reconnects.waitMs(error);
    over = final || waitMs === undefined;
    if (over || waitMs === undefined) return options.onGone(error);
    timers.set('reconnect', waitMs, open);
    options.onInterrupted(error, wasReady);
  };

  const watchIdle = () => {
    if (clock.nowMs() - lastSentMs >= keepAliveAfterMs) options.onIdle();
    const quietMs = clock.nowMs() - lastSentMs;
    timers.set('idle', Math.max(keepAliveAfterMs - quietMs, 1), watchIdle);
  };

  const onStarted = () => {
    ready = true;
    lastSentMs = clock.nowMs();
    timers.set('proven', provenAfterMs, () => reconnects.proven());
    watchIdle();
    options.onReady();
  };

  const onMessage = (message: RecogniserMessage) => {
    if (message.type === 'partial' || message.type === 'committed') reconnects.proven();
    options.onMessage(message);
  };

  const open = () => {
    reconnects.attempted();
    link = options.openLink({ onStarted, onMessage, onLost: lose });
  };
  open();

  return {
    sendAudio(audio, commit) {
      if (!ready || !link) return false;
      lastSentMs = clock.nowMs();
      return link.sendAudio(audio, commit);
    },
    isReady: () => ready,
    lose,
    close() {
      over = true;
      ready = false;
      timers.clearAll();
      link?.close();
    },
    whenClosed: () => link?.closed ?? Promise.resolve(),
  };
}
