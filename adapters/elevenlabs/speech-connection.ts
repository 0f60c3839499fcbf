import { ProviderError } from '#core/errors.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Endpoint } from './endpoint.ts';
import type { ConnectSocket } from './socket.ts';
import { encode, readSpeechMessage, type SpokenMessage, type VoiceSettings } from './text-to-speech-wire.ts';

/** From `close_socket` to the server's close; sooner cutting has been seen to end as an abnormal closure. */
const lingerMs = 2_000;

export interface SpeechConnectionHandlers {
  readonly onOpen: () => void;
  /** A context is finished: there is room for another. */
  readonly onRoom: () => void;
  /** The socket is of no more use. Called at most once, never after `close()`. */
  readonly onLost: (error: ProviderError) => void;
}

export interface SpeechConnectionOptions extends SpeechConnectionHandlers {
  readonly endpoint: Endpoint;
  /** With every setting in its query. */
  readonly path: string;
  readonly voiceSettings: VoiceSettings | undefined;
  readonly clock: Clock;
  readonly connect: ConnectSocket;
}

/** One reply's place on a socket. Its id is used once; after `finish` or `cancel` nothing is sent for it any more. */
export interface SpeechContext {
  /** @returns whether it was handed over. */
  send(text: string): boolean;
  /** All text was sent: speak what is left, then tell `onFinal`. */
  finish(): void;
  /** Speak no more; nothing of it is heard of again. */
  cancel(): void;
}

export interface ContextListener {
  readonly onSpoken: (message: SpokenMessage) => void;
  readonly onFinal: () => void;
}

export interface SpeechConnection {
  isOpen(): boolean;
  /** Contexts that count for the vendor: also one that is cancelled, until the vendor says it is final. */
  contextsOpen(): number;
  openContext(id: string, listener: ContextListener): SpeechContext;
  /** Milliseconds since anything was sent. */
  quietMs(): number;
  /** @returns false when no context is open: a keep-alive would make one. */
  keepAlive(): boolean;
  /** Ends politely and quietly. */
  close(): void;
  /** Resolves when the socket is closed. */
  readonly closed: Promise<void>;
}

type OpenContext = { phase: 'speaking' | 'finishing' | 'cancelled'; readonly listener: ContextListener };

/**
 * The vendor's contexts as they are on one socket. Nothing is ever sent for an id that is not open here: a flush or
 * keep-alive for an unknown id makes a context that takes one of the five places.
 */
function createContexts(send: (message: string) => boolean, onRoom: () => void) {
  const contexts = new Map<string, OpenContext>();

  const leave = (id: string, phase: 'finishing' | 'cancelled') => {
    const context = contexts.get(id);
    if (!context || context.phase === 'cancelled') return;
    const wasSpeaking = context.phase === 'speaking';
    context.phase = phase;
    if (!wasSpeaking) return;
    if (phase === 'finishing') send(encode.flush(id));
    send(encode.closeContext(id));
  };

  return {
    count: () => contexts.size,
    open(id: string, listener: ContextListener, voiceSettings: VoiceSettings | undefined): SpeechContext {
      contexts.set(id, { phase: 'speaking', listener });
      send(encode.open(id, voiceSettings));
      return {
        send: (text) => contexts.get(id)?.phase === 'speaking' && send(encode.text(id, text)),
        finish: () => leave(id, 'finishing'),
        cancel: () => leave(id, 'cancelled'),
      };
    },
    deliver(message: SpokenMessage) {
      const context = contexts.get(message.contextId);
      if (!context) return;
      if (context.phase !== 'cancelled' && message.audio.length > 0) context.listener.onSpoken(message);
      // A context that we have not closed is not over, whatever was flushed.
      if (!message.final || context.phase === 'speaking') return;
      contexts.delete(message.contextId);
      if (context.phase === 'finishing') context.listener.onFinal();
      onRoom();
    },
    keepAlive(): boolean {
      const [id] = [...contexts].find(([, context]) => context.phase === 'speaking') ?? [];
      return id !== undefined && send(encode.keepAlive(id));
    },
  };
}

/** Connects at once. */
export function createSpeechConnection(options: SpeechConnectionOptions): SpeechConnection {
  const { endpoint, clock, connect } = options;
  const closed = Promise.withResolvers<void>();
  let open = false;
  let closing = false;
  let lastSentMs = clock.nowMs();
  let stopLingering: (() => void) | undefined;

  const lose = (error: ProviderError) => {
    open = false;
    if (closing) return;
    closing = true;
    socket.close();
    options.onLost(error);
  };

  const onMessage = (text: string) => {
    const message = readSpeechMessage(text);
    if (closing || message.type === 'ignored') return;
    if (message.type === 'spoken') return contexts.deliver(message);
    const { failure, code } = message;
    lose(
      new ProviderError('The speech service ended the connection', {
        provider: 'elevenlabs-tts',
        failure,
        code,
      }),
    );
  };

  const socket = connect({
    provider: 'elevenlabs-tts',
    url: endpoint.socket(options.path),
    apiKey: endpoint.apiKey,
    handlers: {
      onOpen() {
        open = true;
        lastSentMs = clock.nowMs();
        options.onOpen();
      },
      onMessage,
      onLost: lose,
      onClosed() {
        stopLingering?.();
        closed.resolve();
      },
    },
  });

  const send = (message: string): boolean => {
    lastSentMs = clock.nowMs();
    return socket.send(message);
  };

  const contexts = createContexts(send, options.onRoom);

  return {
    isOpen: () => open,
    contextsOpen: contexts.count,
    openContext: (id, listener) => contexts.open(id, listener, options.voiceSettings),
    quietMs: () => clock.nowMs() - lastSentMs,
    keepAlive: contexts.keepAlive,
    close() {
      if (closing) return;
      closing = true;
      if (!open) return socket.close();
      send(encode.closeSocket());
      stopLingering = clock.setTimer(lingerMs, () => socket.close());
    },
    closed: closed.promise,
  };
}
