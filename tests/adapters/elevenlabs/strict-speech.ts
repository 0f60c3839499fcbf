/**
 * A speech service with several contexts per socket, as strict as ElevenLabs describes its own, for tests of the
 * adapter alone. Each character is spoken for 10 ms of audio made of its own code, so that the audio a caller hears
 * can be read back as text.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { createWatched } from './watched.ts';

export const characterMs = 10;
const characterBytes = characterMs * 8;
const contextsMax = 5;

export interface StrictSpeechOptions {
  /** Speaks by itself what it is sent (default); else only by `speak`. */
  readonly speaks?: boolean;
  /** Says by itself that a closed context is final (as default when it speaks); else only by `final`. */
  readonly finishes?: boolean;
  /** Sends alignments (default). */
  readonly aligns?: boolean;
  /** An HTTP status to refuse upgrades with. */
  readonly refuseWith?: number;
  /** Characters per message. */
  readonly chunkChars?: number;
}

export interface SpeechSocket {
  readonly query: URLSearchParams;
  readonly voice: string;
  /** Every message of the client, as it came. */
  readonly messages: readonly Record<string, unknown>[];
  /** Text sent for a context, the opening space not counted. */
  textOf(contextId: string): string;
  contextIds(): readonly string[];
  isClosed(): boolean;
  speak(contextId: string, text: string): void;
  final(contextId: string): void;
  fail(code: string): void;
  send(message: object): void;
  close(code: number): void;
  /** As when a cable is pulled. */
  cut(): void;
}

export interface StrictSpeech {
  readonly url: string;
  readonly apiKey: string;
  readonly sockets: readonly SpeechSocket[];
  /** Mistakes of the client. */
  readonly violations: readonly string[];
  /** The most contexts that were open at once on one socket. */
  contextsOpenMax(): number;
  attempts(): number;
  /** Changes how the next sockets and messages are treated. */
  set(options: StrictSpeechOptions): void;
  until(what: string, isTrue: () => boolean): Promise<void>;
  socket(n: number): Promise<SpeechSocket>;
  close(): Promise<void>;
}

interface Context {
  text: string;
  spokenTo: number;
  closed: boolean;
}

/** @returns what a caller hears. */
export function textHeard(audio: Uint8Array): string {
  const chars: string[] = [];
  for (let at = 0; at < audio.length; at += characterBytes) chars.push(String.fromCharCode(audio[at] ?? 0));
  return chars.join('');
}

function audioOf(text: string): Buffer {
  return Buffer.concat([...text].map((char) => Buffer.alloc(characterBytes, char.charCodeAt(0))));
}

function alignmentOf(text: string) {
  const chars = [...text];
  return {
    chars,
    charStartTimesMs: chars.map((_, index) => index * characterMs),
    charDurationsMs: chars.map(() => characterMs),
  };
}

export async function startStrictSpeech(initial: StrictSpeechOptions = {}): Promise<StrictSpeech> {
  const apiKey = 'speech-key';
  let options = initial;
  let attempts = 0;
  let contextsOpenMax = 0;
  const violations: string[] = [];
  const sockets: SpeechSocket[] = [];
  const { changed, until } = createWatched();
  const server = createServer();
  const upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: false });

  const serve = (client: WebSocket, url: URL) => {
    const contexts = new Map<string, Context>();
    const everOpened = new Set<string>();
    const messages: Record<string, unknown>[] = [];
    const texts = new Map<string, string>();
    let closed = false;
    const send = (message: object) => client.send(JSON.stringify(message));
    const fail = (code: string) => {
      send({ error: code, message: 'words of the vendor', code: 1008 });
      client.close(1008);
    };
    const violate = (what: string) => {
      violations.push(what);
      fail('invalid_message');
    };
    const speak = (contextId: string, text: string) => {
      const alignment = options.aligns === false ? null : alignmentOf(text);
      send({
        audio: audioOf(text).toString('base64'),
        contextId,
        alignment,
        normalizedAlignment: null,
        isFinal: null,
      });
    };
    const speakPending = (contextId: string, context: Context) => {
      const size = options.chunkChars ?? 7;
      while (context.spokenTo < context.text.length) {
        speak(contextId, context.text.slice(context.spokenTo, context.spokenTo + size));
        context.spokenTo = Math.min(context.spokenTo + size, context.text.length);
      }
    };
    const final = (contextId: string) => {
      contexts.delete(contextId);
      send({ isFinal: true, contextId });
    };
    const open = (contextId: string, message: Record<string, unknown>) => {
      if (message['text'] !== ' ')
        return violate(`context ${contextId} begins with something else than a space`);
      if (everOpened.has(contextId)) return violate(`context ${contextId} used again`);
      everOpened.add(contextId);
      contexts.set(contextId, { text: '', spokenTo: 0, closed: false });
      contextsOpenMax = Math.max(contextsOpenMax, contexts.size);
      if (contexts.size <= contextsMax) return;
      violations.push('a sixth context');
      fail('max_active_conversations');
    };
    const onText = (contextId: string, context: Context, message: Record<string, unknown>) => {
      if (context.closed) return violate('a message for a closed context');
      if (message['voice_settings'] !== undefined) return violate('voice settings after the first message');
      const text = String(message['text'] ?? '');
      if (text !== '' && !text.endsWith(' ')) return violate('a text without a space at its end');
      texts.set(contextId, (texts.get(contextId) ?? '') + text);
      context.text += text;
      if (options.speaks !== false) speakPending(contextId, context);
    };

    client.on('error', () => undefined);
    client.on('close', () => {
      closed = true;
      changed();
    });
    client.on('message', (data) => {
      const message: Record<string, unknown> = JSON.parse(String(data));
      messages.push(message);
      const contextId = message['context_id'];
      if (message['close_socket'] === true) client.close(1000);
      else if (typeof contextId !== 'string') violate('no context id');
      else {
        const context = contexts.get(contextId);
        if (!context && message['close_context'] === true) violate('a close of an unknown context');
        else if (!context) open(contextId, message);
        else if (message['close_context'] === true) {
          context.closed = true;
          if (options.finishes ?? options.speaks !== false) final(contextId);
        } else onText(contextId, context, message);
      }
      changed();
    });

    const query = url.searchParams;
    if (query.get('output_format') !== 'ulaw_8000') violate('output format');
    if (query.get('auto_mode') !== 'true') violate('auto mode');
    if (!query.get('model_id')) violate('model');
    sockets.push({
      query,
      voice: decodeURIComponent(url.pathname.split('/')[3] ?? ''),
      messages,
      textOf: (contextId) => texts.get(contextId) ?? '',
      contextIds: () => [...everOpened],
      isClosed: () => closed,
      speak,
      final,
      fail,
      send,
      close: (code) => client.close(code),
      cut: () => client.terminate(),
    });
    changed();
  };

  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    attempts += 1;
    const url = new URL(request.url ?? '/', 'ws://stand-in');
    const refuse = (status: number) => {
      socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      changed();
    };
    if (!/^\/v1\/text-to-speech\/[^/]+\/multi-stream-input$/.test(url.pathname)) return refuse(404);
    if (request.headers['xi-api-key'] !== apiKey) return refuse(401);
    if (options.refuseWith) return refuse(options.refuseWith);
    upgrades.handleUpgrade(request, socket, head, (client) => serve(client, url));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey,
    sockets,
    violations,
    contextsOpenMax: () => contextsOpenMax,
    attempts: () => attempts,
    set(next) {
      options = next;
    },
    until,
    async socket(n) {
      await until(`socket ${n}`, () => sockets.length >= n);
      return sockets[n - 1] as SpeechSocket;
    },
    async close() {
      for (const client of upgrades.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
