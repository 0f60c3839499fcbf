/**
 * The carrier's end of a media stream over a real socket, as strict as the documented one: it plays what it is sent,
 * returns marks when the audio before them was heard, and writes down every mistake it would warn about.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import * as z from 'zod';
import type { MulawAudio } from '#core/audio/mulaw.ts';
import { limits } from '#core/limits.ts';
import type { StreamStart } from '#core/ports/media-stream.ts';

const sentToCarrier = z.discriminatedUnion('event', [
  z.strictObject({
    event: z.literal('media'),
    streamSid: z.string(),
    media: z.strictObject({ payload: z.base64().min(1) }),
  }),
  z.strictObject({
    event: z.literal('mark'),
    streamSid: z.string(),
    mark: z.strictObject({ name: z.string().min(1) }),
  }),
  z.strictObject({ event: z.literal('clear'), streamSid: z.string() }),
]);

type Queued =
  | { readonly type: 'audio'; readonly audio: Uint8Array }
  | { readonly type: 'mark'; readonly name: string };

export interface StrictMediaPeer {
  readonly socket: WebSocket;
  /** Sends `connected`, and `start` unless told otherwise. */
  begin(start: StreamStart): void;
  connect(): void;
  start(start: StreamStart, changes?: Record<string, unknown>): void;
  speak(audio: MulawAudio): void;
  press(digit: string): void;
  /** Sends `stop` and closes, as when the caller hangs up. */
  hangUp(): void;
  stop(): void;
  /** Sends any text or bytes. */
  send(data: string | Uint8Array): void;
  /** The caller hears everything queued; the marks in it go back. */
  listen(): void;
  /** All the caller has heard. */
  heard(): Uint8Array;
  /** Resolves when everything sent by either side so far was handled. */
  settled(): Promise<void>;
  /** Text messages received. */
  received(): number;
  /** Resolves to the close code received, 1006 when the connection was cut. */
  readonly closed: Promise<number>;
  violations(): readonly string[];
}

export interface MediaServer {
  /** Opens one more stream. `accepted` is the server's socket of it. */
  call(): Promise<{ readonly accepted: WebSocket; readonly peer: StrictMediaPeer }>;
  close(): Promise<void>;
}

/** What the caller hears: audio in order, marks between. */
function createPlayer(returnMark: (name: string) => void) {
  let queue: Queued[] = [];
  const heard: Uint8Array[] = [];

  const takeMarks = (items: readonly Queued[]) => {
    for (const item of items) if (item.type === 'mark') returnMark(item.name);
  };
  return {
    queue(audio: Uint8Array) {
      queue.push({ type: 'audio', audio });
    },
    mark(name: string) {
      if (queue.length === 0) returnMark(name);
      else queue.push({ type: 'mark', name });
    },
    clear() {
      const dropped = queue;
      queue = [];
      takeMarks(dropped);
    },
    listen() {
      const played = queue;
      queue = [];
      for (const item of played) if (item.type === 'audio') heard.push(item.audio);
      takeMarks(played);
    },
    heard: () => new Uint8Array(Buffer.concat(heard)),
  };
}

const beginsWithWavHeader = (audio: Uint8Array) => Buffer.from(audio.subarray(0, 4)).toString() === 'RIFF';

export function createStrictMediaPeer(socket: WebSocket): StrictMediaPeer {
  const violations: string[] = [];
  let streamSid = '';
  let sequence = 0;
  let chunk = 0;
  let received = 0;

  const sendEvent = (event: string, fields: Record<string, unknown>) => {
    if (socket.readyState !== WebSocket.OPEN) return;
    sequence += 1;
    socket.send(JSON.stringify({ event, sequenceNumber: String(sequence), ...fields }));
  };
  const player = createPlayer((name) => sendEvent('mark', { streamSid, mark: { name } }));

  const receive = (text: string) => {
    const parsed = sentToCarrier.safeParse(JSON.parse(text));
    if (!parsed.success) return void violations.push('31950 malformed message');
    const message = parsed.data;
    if (message.streamSid !== streamSid) return void violations.push(`${message.event} of another stream`);
    if (message.event === 'mark') return player.mark(message.mark.name);
    if (message.event === 'clear') return player.clear();
    const audio = new Uint8Array(Buffer.from(message.media.payload, 'base64'));
    if (beginsWithWavHeader(audio)) violations.push('audio with a header');
    player.queue(audio);
  };

  socket.on('message', (data, isBinary) => {
    received += 1;
    if (isBinary) violations.push('31950 binary message');
    else receive(data.toString());
  });
  // A cut connection reports errors that say no more than its close.
  socket.on('error', () => undefined);

  const start = (told: StreamStart, changes: Record<string, unknown> = {}) => {
    streamSid = told.streamSid;
    const { callSid, accountSid, parameters } = told;
    const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };
    sendEvent('start', {
      streamSid,
      start: {
        accountSid,
        streamSid,
        callSid,
        tracks: ['inbound'],
        mediaFormat,
        customParameters: parameters,
        ...changes,
      },
    });
  };
  const connect = () => socket.send('{"event":"connected","protocol":"Call","version":"1.0.0"}');
  const stop = () => sendEvent('stop', { streamSid, stop: { accountSid: 'AC', callSid: 'CA' } });
  const barrier = async () => {
    const pong = once(socket, 'pong');
    socket.ping();
    await pong;
  };

  return {
    socket,
    connect,
    start,
    begin(told) {
      connect();
      start(told);
    },
    speak(audio) {
      chunk += 1;
      const payload = Buffer.from(audio).toString('base64');
      const media = { track: 'inbound', chunk: String(chunk), timestamp: String(chunk * 20), payload };
      sendEvent('media', { streamSid, media });
    },
    press: (digit) => sendEvent('dtmf', { streamSid, dtmf: { track: 'inbound_track', digit } }),
    stop,
    hangUp() {
      stop();
      socket.close(1000);
    },
    send: (data) => socket.send(data),
    listen: player.listen,
    heard: player.heard,
    received: () => received,
    async settled() {
      await barrier();
      // What came first may have made this side answer.
      await barrier();
    },
    closed: once(socket, 'close').then(([code]) => code as number),
    violations: () => violations,
  };
}

export async function startMediaServer(): Promise<MediaServer> {
  const http = createServer();
  const server = new WebSocketServer({
    server: http,
    perMessageDeflate: false,
    maxPayload: limits.streamMessageBytesMax,
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  const { port } = http.address() as AddressInfo;
  const peers: WebSocket[] = [];

  return {
    async call() {
      const accepting = once(server, 'connection');
      const socket = new WebSocket(`ws://127.0.0.1:${port}/call/stream`, { perMessageDeflate: false });
      peers.push(socket);
      const peer = createStrictMediaPeer(socket);
      const [[accepted]] = await Promise.all([accepting, once(socket, 'open')]);
      return { accepted: accepted as WebSocket, peer };
    },
    async close() {
      for (const socket of [...peers, ...server.clients]) socket.terminate();
      server.close();
      http.close();
      await once(http, 'close');
    },
  };
}
