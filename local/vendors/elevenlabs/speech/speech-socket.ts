/** What both speech sockets have in common: how they refuse, time out, and speak. */
import type { WebSocket } from 'ws';
import type * as z from 'zod';
import type { Synthesiser } from '#local/speech/synthesiser.ts';
import type { SocketContext } from '../socket-context.ts';
import { type ContextLedgerEntry, createSpeechContext, type SpeechContext } from './context.ts';
import { encodeAudio } from './encode-audio.ts';
import type { SpokenChunk, WireAlignment } from './spoken-chunks.ts';
import {
  credentialParameters,
  defaultSchedule,
  type SpeechQuery,
  speechQuerySchema,
  type voiceSettingsSchema,
} from './wire.ts';

export interface SpeechSocketOptions extends SocketContext {
  readonly synthesiser: Synthesiser;
  readonly firstByteMs: number;
  /** Opens an entry for one context. */
  readonly ledger: (query: SpeechQuery, contextId: string) => ContextLedgerEntry;
}

export interface WireChunk {
  readonly audio: string;
  readonly alignment: WireAlignment | null;
  readonly normalizedAlignment: WireAlignment | null;
}

export interface ContextSettings {
  readonly voice_settings?: z.output<typeof voiceSettingsSchema> | null | undefined;
  readonly generation_config?:
    | { readonly chunk_length_schedule?: readonly number[] | null | undefined }
    | null
    | undefined;
}

export interface SpeechSocket {
  readonly query: SpeechQuery;
  say(message: object): void;
  /** An error frame, then the close that goes with it: every mistake costs the whole socket. */
  end(code: string, message: string, closeCode?: number): void;
  /** Something came from the client. */
  heardFromClient(): void;
  openContext(
    id: string,
    settings: ContextSettings,
    handlers: { readonly deliver: (chunk: WireChunk) => void; readonly onFinished: () => void },
  ): SpeechContext;
}

/** @returns undefined for an unusable query: the socket is closed already. */
export function createSpeechSocket(
  socket: WebSocket,
  parameters: URLSearchParams,
  options: SpeechSocketOptions,
): SpeechSocket | undefined {
  const closed = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  socket.on('close', () => {
    closed.abort();
    clearTimeout(timer);
  });
  const say = (message: object) => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };
  const close = (code: string, message: string, closeCode: number) => {
    closed.abort();
    say({ error: code, message, code: closeCode });
    socket.close(closeCode, message.slice(0, 100));
  };
  const end = (code: string, message: string, closeCode = 1008) => {
    if (socket.readyState !== socket.OPEN) return;
    options.violate(code, message);
    close(code, message, closeCode);
  };

  const parsed = speechQuerySchema.safeParse(Object.fromEntries(parameters));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    end('invalid_request', `${issue?.path[0]?.toString() ?? 'query'}: ${issue?.message ?? 'not valid'}`);
    return undefined;
  }
  const query = parsed.data;
  for (const name of new Set(parameters.keys()))
    if (!Object.hasOwn(speechQuerySchema.shape, name) && !credentialParameters.includes(name))
      options.violate('unknown-query', `The service does not know the parameter ${name}`);

  const onQuiet = () =>
    end(
      'input_timeout_exceeded',
      `Have not received a new text input within the timeout of ${query.inactivity_timeout} seconds`,
    );
  const heardFromClient = () => {
    clearTimeout(timer);
    if (!closed.signal.aborted) timer = setTimeout(onQuiet, query.inactivity_timeout * options.secondMs);
  };
  heardFromClient();

  return {
    query,
    say,
    end,
    heardFromClient,
    openContext: (id, settings, { deliver, onFinished }) =>
      createSpeechContext({
        synthesiser: options.synthesiser,
        firstByteMs: options.firstByteMs,
        faults: options.faults,
        speed: settings.voice_settings?.speed ?? 1,
        autoMode: query.auto_mode,
        everyChunkAligned: query.sync_alignment,
        schedule: settings.generation_config?.chunk_length_schedule ?? defaultSchedule,
        ledger: options.ledger(query, id),
        signal: closed.signal,
        deliver: ({ audio, alignment }: SpokenChunk) =>
          deliver({
            audio: Buffer.from(encodeAudio(audio, query.output_format)).toString('base64'),
            alignment,
            normalizedAlignment: alignment,
          }),
        onFinished,
        onFault(kind, code, closeCode) {
          if (kind === 'cut') socket.terminate();
          else close(code, 'Asked for by a test, or the simulated voice failed', closeCode);
        },
      }),
  };
}
