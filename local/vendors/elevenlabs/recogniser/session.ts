/** One socket of the realtime recogniser, as strict as ElevenLabs' API reference and reports from the field say. */
import { randomUUID } from 'node:crypto';
import type { RawData, WebSocket } from 'ws';
import { bytesPerMs } from '#core/audio/mulaw.ts';
import type { SocketContext } from '../socket-context.ts';
import { decodeAudio } from './decode-audio.ts';
import { createOutbox } from './outbox.ts';
import { type RecogniserSettings, readSettings } from './settings.ts';
import { createTranscript, uncommittedAudioMsMax } from './transcript.ts';
import type { Utterances } from './utterances.ts';
import { type AudioChunk, readClientMessage, withTimestamps } from './wire.ts';

/** A commit with less new audio is refused (reports from the field). */
const commitAudioMsMin = 300;
/** Without audio the server closes, in seconds (reports from the field). */
const idleSecs = 15;
/** A session's life, in seconds (a comment of the vendor's; unconfirmed). */
const sessionSecs = 3_600;
/** The vendor has an error for a chunk that is too large but names no size: what it can commit at once is one. */
const chunkBytesMax = uncommittedAudioMsMax * bytesPerMs;

export interface SessionOptions extends SocketContext {
  readonly utterances: Utterances;
  readonly delayMs: number;
  readonly ledger: { addAudio(seconds: number): void };
}

/** How the session speaks to its client. */
interface Voice {
  say(message: object): void;
  /** Says that something was wrong, and goes on. */
  refuse(code: string, error: string): void;
  /** Says so and closes. */
  end(code: string, error: string): void;
  /** In order, after the recogniser's delay. */
  answer(message: object, extraDelayMs?: number): void;
  /** Never answers again. */
  mute(): void;
}

function createVoice(socket: WebSocket, { violate, delayMs }: SessionOptions): Voice {
  let muted = false;
  const say = (message: object) => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };
  const outbox = createOutbox(say);
  const refuse = (code: string, error: string) => {
    violate(code, error);
    say({ message_type: code, error });
  };
  socket.on('close', outbox.close);
  return {
    say,
    refuse,
    end(code, error) {
      refuse(code, error);
      outbox.close();
      socket.close(1008, error.slice(0, 100));
    },
    answer(message, extraDelayMs = 0) {
      if (!muted) outbox.send(message, delayMs + extraDelayMs);
    },
    mute() {
      muted = true;
      outbox.close();
    },
  };
}

/** @returns what to do with each chunk. */
function createRecognition(
  socket: WebSocket,
  settings: RecogniserSettings,
  voice: Voice,
  options: SessionOptions,
) {
  const { faults } = options;
  const transcript = createTranscript(options.utterances, settings);
  const bytesPerSecond = settings.sample_rate * (settings.audio_format === 'ulaw_8000' ? 1 : 2);

  const commit = () => {
    const { text, words } = transcript.commit();
    if (faults.take('stt', 'lose-commit')) return;
    const slowMs = faults.take('stt', 'slow')?.ms;
    voice.answer({ message_type: 'committed_transcript', text }, slowMs);
    if (settings.include_timestamps || settings.include_language_detection)
      voice.answer(withTimestamps(text, words, settings));
  };

  /** @returns whether the session is over. */
  const fail = (): boolean => {
    const fault = faults.take('stt', 'error-frame', 'cut', 'stall');
    if (fault?.kind === 'stall') voice.mute();
    if (fault?.kind === 'cut') socket.terminate();
    if (fault?.kind !== 'error-frame') return fault?.kind === 'cut';
    voice.say({ message_type: fault.code, error: 'Asked for by a test' });
    socket.close(fault.closeCode ?? 1008);
    return true;
  };

  const hear = (audio: Uint8Array) => {
    options.ledger.addAudio(audio.length / bytesPerSecond);
    if (settings.audio_format !== 'ulaw_8000' && options.utterances.search(audio, 0, 0) === 0)
      options.violate(
        'audio-format',
        `µ-law was announced as ${settings.audio_format}: wrong words, no error`,
      );
    const isOver = transcript.hear(decodeAudio(audio, settings.audio_format, settings.sample_rate));
    const text = transcript.partial();
    if (text !== undefined) voice.answer({ message_type: 'partial_transcript', text });
    if (isOver) commit();
  };

  return {
    take(chunk: AudioChunk) {
      if (chunk.audio.length > 0) {
        if (fail()) return;
        hear(chunk.audio);
      }
      if (!chunk.commit) return;
      if (transcript.uncommittedMs() >= commitAudioMsMin) commit();
      else voice.refuse('commit_throttled', 'A commit needs at least 0.3 seconds of new audio');
    },
  };
}

/** Closes a session that is too old, or hears nothing. */
function watch(socket: WebSocket, voice: Voice, { secondMs, violate }: SessionOptions) {
  const onIdle = () => {
    violate('idle', `No audio for ${idleSecs} seconds`);
    socket.close(1000);
  };
  const onOld = () => voice.end('session_time_limit_exceeded', 'The session is too old');
  let idle = setTimeout(onIdle, idleSecs * secondMs);
  const old = setTimeout(onOld, sessionSecs * secondMs);
  socket.on('close', () => {
    clearTimeout(idle);
    clearTimeout(old);
  });
  return {
    heardAudio() {
      clearTimeout(idle);
      if (socket.readyState === socket.OPEN) idle = setTimeout(onIdle, idleSecs * secondMs);
    },
  };
}

/** Takes over an open socket for its whole life. */
export function runRecogniserSession(
  socket: WebSocket,
  query: URLSearchParams,
  options: SessionOptions,
): void {
  const voice = createVoice(socket, options);
  const read = readSettings(query);
  if (!read.ok) {
    voice.end('invalid_request', read.problem);
    return;
  }
  for (const name of read.unknown)
    options.violate('unknown-query', `The service does not know the parameter ${name}`);
  const { settings } = read;
  const recognition = createRecognition(socket, settings, voice, options);
  const watcher = watch(socket, voice, options);
  let isFirst = true;

  const onChunk = (chunk: AudioChunk) => {
    if (chunk.sampleRateHz !== settings.sample_rate)
      return voice.end(
        'input_error',
        `sample_rate must be ${settings.sample_rate} for ${settings.audio_format}`,
      );
    if (chunk.hasPreviousText && !isFirst)
      return voice.refuse('input_error', 'previous_text is allowed in the first chunk only');
    isFirst = false;
    if (chunk.audio.length > chunkBytesMax)
      return voice.end('chunk_size_exceeded', 'The audio chunk is too large');
    if (chunk.audio.length > 0) watcher.heardAudio();
    recognition.take(chunk);
  };

  socket.on('message', (data: RawData, isBinary) => {
    if (socket.readyState !== socket.OPEN) return;
    if (isBinary) return voice.end('input_error', 'Binary messages are not accepted');
    const message = readClientMessage(data.toString());
    if (message.ok) onChunk(message.chunk);
    else if (message.fatal) voice.end('input_error', message.error);
    else voice.refuse('input_error', message.error);
  });

  voice.say({ message_type: 'session_started', session_id: randomUUID(), config: settings });
}
