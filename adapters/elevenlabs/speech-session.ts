import { ProviderError } from '#core/errors.ts';
import type { CallSid } from '#core/ids.ts';
import { limits } from '#core/limits.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import type { Speech, TextToSpeechSession } from '#core/ports/text-to-speech.ts';
import { createReconnects, provenAfterMs, reportRepair } from './reconnects.ts';
import type { ContextListener, SpeechConnection, SpeechConnectionHandlers } from './speech-connection.ts';
import { createSpeechReply, type ReplyHost, type SpeechReply } from './speech-reply.ts';
import { inactivityTimeoutSecs } from './text-to-speech-wire.ts';
import { createTimers } from './timers.ts';

/** How long a reply waits for a cancelled context to be final before the whole socket is replaced. */
export const contextWaitMs = 300;
/** A quiet socket is looked at this often, and its open context refreshed when as long nothing was sent. */
export const idleCheckMs = 30_000;
/** A socket with no context to refresh is replaced before the vendor closes it. */
const renewAfterMs = inactivityTimeoutSecs * 1_000 - 2 * idleCheckMs;

export interface SpeechSessionOptions {
  readonly callSid: CallSid;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly telemetry: Telemetry | undefined;
  readonly openConnection: (handlers: SpeechConnectionHandlers) => SpeechConnection;
}

const nothing: Speech = {
  chunks: {
    async *[Symbol.asyncIterator]() {
      // Cancelled before it began.
    },
  },
  charactersSent: () => 0,
};

const replaced = (code: string) =>
  new ProviderError('The speech connection was replaced', {
    provider: 'elevenlabs-tts',
    failure: 'unavailable',
    code,
  });

interface LineOptions extends SpeechSessionOptions {
  onOpen(): void;
  onRoom(): void;
  /** `coming`: another connection is on its way. */
  onLost(error: ProviderError, coming: boolean): void;
}

/** The connection of a session, replaced when it breaks, goes stale or is full. */
function createLine(options: LineOptions) {
  const { clock, callSid, telemetry } = options;
  const timers = createTimers<'reconnect' | 'room' | 'idle' | 'proven'>(clock);
  const reconnects = createReconnects();
  const unclosed = new Set<Promise<void>>();
  let connection: SpeechConnection | undefined;

  const open = () => {
    reconnects.attempted();
    const opened = options.openConnection({
      onOpen() {
        timers.set('proven', provenAfterMs, reconnects.proven);
        timers.set('idle', idleCheckMs, watchIdle);
        options.onOpen();
      },
      onRoom() {
        timers.clear('room');
        options.onRoom();
      },
      onLost: (error) => lose(error),
    });
    connection = opened;
    const closed = opened.closed.then(() => void unclosed.delete(closed));
    unclosed.add(closed);
  };

  const lose = (error: ProviderError, { report = true } = {}) => {
    connection?.close();
    connection = undefined;
    timers.clearAll();
    const waitMs = reconnects.waitMs(error);
    if (report) reportRepair(telemetry, callSid, error);
    if (waitMs !== undefined) timers.set('reconnect', waitMs, open);
    options.onLost(error, waitMs !== undefined);
  };

  const watchIdle = () => {
    const quietMs = connection?.quietMs() ?? 0;
    const refreshed = quietMs < idleCheckMs || connection?.keepAlive();
    if (refreshed || quietMs < renewAfterMs) return timers.set('idle', idleCheckMs, watchIdle);
    renew('idle');
  };

  /** Our own choice: it says nothing against the service, and counts as no failure. */
  const renew = (code: string) => {
    reconnects.proven();
    lose(replaced(code), { report: false });
  };

  return {
    lose,
    proven: reconnects.proven,
    /** Connects again after a failure that was final for its time. */
    ensure() {
      if (connection || timers.isSet('reconnect')) return;
      reconnects.proven();
      open();
    },
    /** @returns the connection when a context may be opened on it now. */
    withRoom(): SpeechConnection | undefined {
      if (!connection?.isOpen()) return undefined;
      if (connection.contextsOpen() < limits.speechContextsMax) return connection;
      if (!timers.isSet('room')) timers.set('room', contextWaitMs, () => renew('contexts-full'));
      return undefined;
    },
    close() {
      timers.clearAll();
      connection?.close();
    },
    whenClosed: () => Promise.all(unclosed),
  };
}

/** Connects at once. */
export function createSpeechSession(options: SpeechSessionOptions): TextToSpeechSession {
  const { signal, clock } = options;
  const replies = new Set<SpeechReply>();
  let contextsMade = 0;
  let over = false;

  const toAll = (tell: (reply: SpeechReply) => void) => {
    for (const reply of [...replies]) tell(reply);
  };
  const advanceAll = () => toAll((reply) => reply.advance());

  const line = createLine({
    ...options,
    onOpen: advanceAll,
    onRoom: advanceAll,
    onLost(error, coming) {
      toAll((reply) => reply.connectionLost(error));
      if (coming) advanceAll();
      else toAll((reply) => reply.fail(error));
    },
  });

  const host: ReplyHost = {
    openContext({ onSpoken, onFinal }: ContextListener) {
      const connection = line.withRoom();
      if (!connection) return undefined;
      contextsMade += 1;
      return connection.openContext(`c${contextsMade}`, {
        onFinal,
        onSpoken(message) {
          line.proven();
          onSpoken(message);
        },
      });
    },
    // The reply tells its own failure.
    suspectConnection: (error) => line.lose(error, { report: false }),
    isOver: () => over,
    onOver: (reply) => void replies.delete(reply),
  };

  const finish = () => {
    if (over) return;
    over = true;
    signal.removeEventListener('abort', finish);
    toAll((reply) => reply.cancel());
    line.close();
  };

  if (signal.aborted) over = true;
  else {
    signal.addEventListener('abort', finish, { once: true });
    line.ensure();
  }

  return {
    speak(text, { signal: replySignal }) {
      if (over || replySignal.aborted) return nothing;
      line.ensure();
      const reply = createSpeechReply({ text, signal: replySignal, clock, host });
      replies.add(reply);
      return reply.speech;
    },
    async close() {
      finish();
      await line.whenClosed();
    },
  };
}
