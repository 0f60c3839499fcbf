/** The carrier's side of many streams at once, on one beat: signed, in real time, playing what comes at playback speed. */
import { WebSocket } from 'ws';
import { frameMs, silenceByte } from '#core/audio/mulaw.ts';
import type { CallSid } from '#core/ids.ts';
import { everyFrame, silentFrame } from '#local/twilio/line.ts';
import { signatureOf } from '#local/twilio/signature.ts';
import { readStreamMessage } from '#local/twilio/stream-message.ts';
import { createStreamPlayer } from '#local/twilio/stream-player.ts';

export interface StreamEnding {
  /** 1006 when the socket ended without a close frame. */
  readonly code: number;
  /** The caller hung up, not the service. */
  readonly byCaller: boolean;
  /** What was sent and not yet heard. */
  readonly unheardMs: number;
}

export interface StreamCaller {
  readonly callSid: CallSid;
  /** Milliseconds of sound heard so far; silence does not count. */
  heardMs(): number;
  hangUp(): void;
  /** Rejects when the stream is refused. */
  readonly ended: Promise<StreamEnding>;
}

export interface StreamCallers {
  call(options: { readonly callSid: CallSid; readonly token: string }): StreamCaller;
  close(): void;
}

const silentPayload = Buffer.from(silentFrame).toString('base64');
const isSound = (frame: Uint8Array) => frame.some((byte) => byte !== silenceByte);

/** @param url of the stream, as it is signed and as it is connected to. */
export function createStreamCallers(url: string, authToken: string): StreamCallers {
  const beats = new Set<() => void>();
  const sockets = new Set<WebSocket>();
  const stop = everyFrame(() => {
    for (const beat of beats) beat();
  });
  const headers = { 'x-twilio-signature': signatureOf(authToken, url, {}) };

  const call: StreamCallers['call'] = ({ callSid, token }) => {
    const streamSid = `MZ${callSid.slice(2)}`;
    const socket = new WebSocket(url, { perMessageDeflate: false, headers });
    sockets.add(socket);
    let sequence = 0;
    let soundMs = 0;
    let byCaller = false;
    const send = (event: string, body: object) => {
      sequence += 1;
      socket.send(JSON.stringify({ event, sequenceNumber: String(sequence), streamSid, ...body }));
    };
    const player = createStreamPlayer((name) => {
      if (socket.readyState === socket.OPEN) send('mark', { mark: { name } });
    });
    let frames = 0;
    const beat = () => {
      if (isSound(player.nextFrame())) soundMs += frameMs;
      if (socket.readyState !== socket.OPEN) return;
      const timestamp = String(frames * frameMs);
      frames += 1;
      send('media', {
        media: { track: 'inbound', chunk: String(frames), timestamp, payload: silentPayload },
      });
    };
    socket.on('open', () => {
      socket.send(JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }));
      const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };
      const accountSid = `AC${'0'.repeat(32)}`;
      const about = { accountSid, streamSid, callSid, tracks: ['inbound'], mediaFormat };
      send('start', { start: { ...about, customParameters: { token } } });
      beats.add(beat);
    });
    socket.on('message', (data: Buffer) => {
      const read = readStreamMessage(data.toString(), streamSid);
      if (!read.ok) throw new Error(read.problem);
      const { message } = read;
      if (message.event === 'media') player.media(message.audio);
      else if (message.event === 'mark') player.mark(message.name);
      else player.clear();
    });
    const ended = new Promise<StreamEnding>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('close', (code) => {
        beats.delete(beat);
        resolve({ code, byCaller, unheardMs: player.waitingMs() });
      });
    });
    ended.catch(() => undefined);
    return {
      callSid,
      heardMs: () => soundMs,
      hangUp() {
        if (socket.readyState !== socket.OPEN) return;
        byCaller = true;
        send('stop', { stop: { accountSid: `AC${'0'.repeat(32)}`, callSid } });
        socket.close(1000);
      },
      ended,
    };
  };
  return {
    call,
    close() {
      stop();
      for (const socket of sockets) socket.terminate();
    },
  };
}
