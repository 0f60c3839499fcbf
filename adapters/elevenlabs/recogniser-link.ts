import type { MulawAudio } from '#core/audio/mulaw.ts';
import { ProviderError } from '#core/errors.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Endpoint } from './endpoint.ts';
import type { ConnectSocket } from './socket.ts';
import { encodeAudioChunk, type RecogniserMessage, readRecogniserMessage } from './speech-to-text-wire.ts';

/** From the beginning of the connection to `session_started`. */
export const sessionStartTimeoutMs = 3_000;

export interface RecogniserLinkHandlers {
  /** The session takes audio from now on. */
  readonly onStarted: () => void;
  readonly onMessage: (message: RecogniserMessage) => void;
  /** The link is of no more use. Called at most once, never after `close()`. */
  readonly onLost: (error: ProviderError) => void;
}

export interface RecogniserLinkOptions extends RecogniserLinkHandlers {
  readonly endpoint: Endpoint;
  /** With every setting in its query. */
  readonly path: string;
  /** Goes with the first chunk: the vendor refuses it later. Empty: none. */
  readonly previousText: string;
  readonly clock: Clock;
  readonly connect: ConnectSocket;
}

/** One connection to the recogniser, from its opening to its end. */
export interface RecogniserLink {
  /** @returns whether it was handed over; only after `onStarted`. */
  sendAudio(audio: MulawAudio, commit: boolean): boolean;
  close(): void;
  /** Resolves when the socket is closed. */
  readonly closed: Promise<void>;
}

const linkError = (failure: ProviderError['failure'], code: string) =>
  new ProviderError('The recogniser ended the session', { provider: 'elevenlabs-stt', failure, code });

export function createRecogniserLink(options: RecogniserLinkOptions): RecogniserLink {
  const { endpoint, clock, connect } = options;
  const closed = Promise.withResolvers<void>();
  let previousText = options.previousText;
  let started = false;

  const lose = (error: ProviderError) => {
    link.close();
    options.onLost(error);
  };

  const onSocketLost = (error: ProviderError) => {
    // A policy close before the start is about our settings: they will not become right by repeating.
    const settingsRefused = !started && error.code === 'close-1008';
    lose(settingsRefused ? linkError('invalid-request', 'close-1008') : error);
  };

  const onMessage = (text: string) => {
    const message = readRecogniserMessage(text);
    if (message.type === 'failed') return lose(linkError(message.failure, message.code));
    if (message.type !== 'started') return options.onMessage(message);
    if (started) return;
    started = true;
    cancelStartTimer();
    options.onStarted();
  };

  const cancelStartTimer = clock.setTimer(sessionStartTimeoutMs, () => {
    lose(linkError('timeout', 'session-start-timeout'));
  });
  const socket = connect({
    provider: 'elevenlabs-stt',
    url: endpoint.socket(options.path),
    apiKey: endpoint.apiKey,
    handlers: { onMessage, onLost: onSocketLost, onClosed: closed.resolve },
  });

  const link: RecogniserLink = {
    sendAudio(audio, commit) {
      if (!started) return false;
      const sent = socket.send(encodeAudioChunk(audio, { commit, previousText: previousText || undefined }));
      previousText = '';
      return sent;
    },
    close() {
      cancelStartTimer();
      socket.close();
    },
    closed: closed.promise,
  };
  return link;
}
