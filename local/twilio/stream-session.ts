/** A stream that is connected: what goes over its socket, and when. */
import type { WebSocket } from 'ws';
import { bytesPerMs, frameMs } from '#core/audio/mulaw.ts';
import { codes } from './failure.ts';
import type { StreamNote } from './ledger.ts';
import type { LiveCall } from './live-call.ts';
import { readStreamMessage } from './stream-message.ts';
import { createStreamPlayer } from './stream-player.ts';

export interface StreamSession {
  receive(data: Buffer, isBinary: boolean): void;
  sendStop(): void;
  /** Sends nothing any more and reads nothing, as a half-open connection does. */
  freeze(): void;
  /** Takes the stream off the line; what was not played is lost. */
  end(): void;
}

/** How much Twilio buffers is not documented; more than ten minutes is not a conversation. */
const bufferedMsMax = 600_000;
/** An application that does not read for this long is gone: about a minute of frames. */
const unsentBytesMax = 1024 * 1024;

/** Sends `connected` and `start`, then a frame on every beat of the line. Numbers are strings on this wire. */
export function startStreamSession(
  call: LiveCall,
  socket: WebSocket,
  stream: StreamNote,
  parameters: Readonly<Record<string, string>>,
): StreamSession {
  const { streamSid } = stream;
  const { accountSid } = call.settings;
  let sequence = 0;
  let frozen = false;
  const sendText = (text: string) => {
    if (frozen || socket.readyState !== socket.OPEN) return;
    socket.send(text);
    if (socket.bufferedAmount > unsentBytesMax) socket.terminate();
  };
  const send = (event: string, body: object) => {
    sequence += 1;
    sendText(JSON.stringify({ event, sequenceNumber: String(sequence), streamSid, ...body }));
  };
  const player = createStreamPlayer((name) => send('mark', { mark: { name } }));

  sendText(JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }));
  send('start', {
    start: {
      accountSid,
      streamSid,
      callSid: call.callSid,
      tracks: ['inbound'],
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
      customParameters: parameters,
    },
  });

  const disconnect = call.line.connect({
    hear(frame) {
      const timestamp = String(stream.framesSent * frameMs);
      stream.framesSent += 1;
      const payload = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString('base64');
      send('media', { media: { track: 'inbound', chunk: String(stream.framesSent), timestamp, payload } });
    },
    nextFrame: player.nextFrame,
  });
  const stopDigits = call.onDigit((digit) => send('dtmf', { dtmf: { track: 'inbound_track', digit } }));
  const malformed = (problem: string) => call.violate(codes.malformedMessage, problem);

  const buffer = (audio: Uint8Array) => {
    stream.receivedMs += audio.length / bytesPerMs;
    if (player.waitingMs() + audio.length / bytesPerMs > bufferedMsMax)
      return malformed(`more than ${bufferedMsMax} ms of audio wait to be played`);
    player.media(audio);
    stream.bufferedMsMax = Math.max(stream.bufferedMsMax, player.waitingMs());
  };

  return {
    receive(data, isBinary) {
      if (frozen) return undefined;
      if (isBinary) return malformed('a message is binary');
      const read = readStreamMessage(data.toString(), streamSid);
      if (!read.ok) return malformed(read.problem);
      const { message } = read;
      if (message.event === 'media') return buffer(message.audio);
      if (message.event === 'mark') {
        stream.marks += 1;
        return player.mark(message.name);
      }
      stream.clears += 1;
      stream.droppedMs += player.clear();
      return undefined;
    },
    sendStop: () => send('stop', { stop: { accountSid, callSid: call.callSid } }),
    freeze() {
      frozen = true;
    },
    end() {
      disconnect();
      stopDigits();
      stream.playedMs = player.playedMs();
      stream.droppedMs += player.waitingMs();
    },
  };
}
