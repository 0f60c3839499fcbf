/**
 * A recogniser as strict as ElevenLabs describes its own, for tests of the adapter alone. What it "hears" is the
 * audio itself: each run of equal bytes that are not silence is one word, its byte as a letter and its length in ms
 * (`A100 B60`), so that a lost or doubled piece of audio shows in the text.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { createWatched } from './watched.ts';

export interface ReceivedChunk {
  readonly ms: number;
  readonly commit: boolean;
  readonly previousText: string | undefined;
}

export interface RecogniserConnection {
  readonly query: URLSearchParams;
  readonly chunks: ReceivedChunk[];
  readonly isClosed: () => boolean;
  send(message: object): void;
  commitByItself(): void;
  /** An error message, and the close that follows it. */
  fail(type: string): void;
  close(code: number): void;
  /** As when a cable is pulled. */
  cut(): void;
}

export interface StrictRecogniserOptions {
  /** Answers commits by itself (default). */
  readonly answersCommits?: boolean;
  /** Sends partials by itself (default). */
  readonly sendsPartials?: boolean;
  /** Starts sessions by itself (default). */
  readonly startsSessions?: boolean;
  /** An HTTP status to refuse upgrades with. */
  readonly refuseWith?: number;
}

export interface StrictRecogniser {
  readonly url: string;
  readonly apiKey: string;
  readonly connections: readonly RecogniserConnection[];
  /** Mistakes of the client. */
  readonly violations: readonly string[];
  /** Upgrades asked for, refused ones included. */
  attempts(): number;
  /** Changes how the next connections and messages are treated. */
  set(options: StrictRecogniserOptions): void;
  until(what: string, isTrue: () => boolean): Promise<void>;
  /** The newest connection, once it is the `n`th. */
  connection(n: number): Promise<RecogniserConnection>;
  close(): Promise<void>;
}

const silence = 0xff;

/** @returns the runs of equal bytes as words. */
export function wordsIn(audio: Uint8Array): string {
  const runs: { byte: number; bytes: number }[] = [];
  for (const byte of audio) {
    const last = runs.at(-1);
    if (last?.byte === byte) last.bytes += 1;
    else runs.push({ byte, bytes: 1 });
  }
  const words = runs.filter((run) => run.byte !== silence);
  return words.map((run) => `${String.fromCharCode(run.byte)}${run.bytes / 8}`).join(' ');
}

/** Audio that the recogniser hears as the letter, spoken for so long. */
export function spoken(letter: string, ms: number): Uint8Array {
  return new Uint8Array(ms * 8).fill(letter.charCodeAt(0));
}

const knownQuery = [
  'model_id',
  'audio_format',
  'commit_strategy',
  'language_code',
  'keyterms',
  'vad_silence_threshold_secs',
];

function queryMistake(query: URLSearchParams): string | undefined {
  if (query.get('model_id') !== 'scribe_v2_realtime') return `model ${query.get('model_id')}`;
  if (query.get('audio_format') !== 'ulaw_8000') return 'audio is not read as µ-law';
  if (!/^[a-z]{2}$/.test(query.get('language_code') ?? '')) return `language ${query.get('language_code')}`;
  if (!['manual', 'vad'].includes(query.get('commit_strategy') ?? '')) return 'commit strategy';
  const terms = query.getAll('keyterms');
  if (terms.length > 50 || terms.some((term) => term.length > 20)) return 'keyterms';
  return [...query.keys()].find((key) => !knownQuery.includes(key));
}

export async function startStrictRecogniser(
  initial: StrictRecogniserOptions = {},
): Promise<StrictRecogniser> {
  const apiKey = 'recogniser-key';
  let options: StrictRecogniserOptions = initial;
  let attempts = 0;
  const violations: string[] = [];
  const connections: RecogniserConnection[] = [];
  const { changed, until } = createWatched();
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });

  const serve = (socket: WebSocket, query: URLSearchParams) => {
    let audio = new Uint8Array(0);
    let bytesSinceCommit = 0;
    let started = false;
    let closed = false;
    let shown = '';
    const chunks: ReceivedChunk[] = [];
    const send = (message: object) => socket.send(JSON.stringify(message));
    const violate = (what: string) => {
      violations.push(what);
      socket.close(1008);
    };
    const commit = () => {
      if (bytesSinceCommit >= 300 * 8) return commitAll();
      violations.push('commit of under 300 ms');
      send({ message_type: 'commit_throttled', error: 'too little audio' });
    };
    const commitAll = () => {
      const text = wordsIn(audio);
      audio = new Uint8Array(0);
      bytesSinceCommit = 0;
      shown = '';
      send({ message_type: 'committed_transcript', text });
    };

    socket.on('error', () => undefined);
    socket.on('close', () => {
      closed = true;
      changed();
    });
    socket.on('message', (data, isBinary) => {
      if (isBinary) return violate('a binary message');
      const message = JSON.parse(String(data));
      if (message.message_type !== 'input_audio_chunk') return violate(`message ${message.message_type}`);
      if (!started) return violate('audio before the session started');
      if (typeof message.audio_base_64 !== 'string' || typeof message.commit !== 'boolean')
        return violate('fields');
      if (message.sample_rate !== 8000) return violate('sample rate');
      if (message.previous_text !== undefined && chunks.length > 0)
        return violate('previous text after the first');
      if ((message.previous_text ?? '').length > 50) return violate('previous text too long');
      const bytes = Buffer.from(message.audio_base_64, 'base64');
      chunks.push({ ms: bytes.length / 8, commit: message.commit, previousText: message.previous_text });
      audio = new Uint8Array(Buffer.concat([audio, bytes]));
      bytesSinceCommit += bytes.length;
      const words = wordsIn(audio);
      if (!message.commit && words !== shown && options.sendsPartials !== false)
        send({ message_type: 'partial_transcript', text: words });
      shown = words;
      if (message.commit && options.answersCommits !== false) commit();
      changed();
    });

    connections.push({
      query,
      chunks,
      isClosed: () => closed,
      send(message) {
        started ||= 'message_type' in message && message.message_type === 'session_started';
        send(message);
      },
      commitByItself: commitAll,
      fail(type) {
        send({ message_type: type, error: 'words of the vendor' });
        socket.close(1008);
      },
      close: (code) => socket.close(code),
      cut: () => socket.terminate(),
    });
    const mistake = queryMistake(query);
    if (mistake) {
      violations.push(`query: ${mistake}`);
      send({ message_type: 'invalid_request', error: mistake });
      socket.close(1008);
    } else if (options.startsSessions !== false) {
      started = true;
      send({ message_type: 'session_started', session_id: 'session-1', config: {} });
    }
    changed();
  };

  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    attempts += 1;
    const url = new URL(request.url ?? '/', 'ws://stand-in');
    const refuse = (status: number) => {
      socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      changed();
    };
    if (url.pathname !== '/v1/speech-to-text/realtime') return refuse(404);
    if (request.headers['xi-api-key'] !== apiKey) return refuse(401);
    if (options.refuseWith) return refuse(options.refuseWith);
    sockets.handleUpgrade(request, socket, head, (client) => serve(client, url.searchParams));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey,
    connections,
    violations,
    attempts: () => attempts,
    set(next) {
      options = next;
    },
    until,
    async connection(n) {
      await until(`connection ${n}`, () => connections.length >= n);
      return connections[n - 1] as RecogniserConnection;
    },
    async close() {
      for (const client of sockets.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
