/** Messages of the realtime recogniser (ElevenLabs API reference, "Realtime speech to text"). */
import * as z from 'zod';
import { parseJson } from '../../http-server.ts';
import type { HeardWord } from './listener.ts';
import type { RecogniserSettings } from './settings.ts';

const chunkSchema = z.object({
  message_type: z.literal('input_audio_chunk'),
  audio_base_64: z.base64(),
  commit: z.boolean(),
  sample_rate: z.int(),
  previous_text: z.string().nullish(),
});

export interface AudioChunk {
  readonly audio: Uint8Array;
  readonly commit: boolean;
  readonly sampleRateHz: number;
  readonly hasPreviousText: boolean;
}

export type ReadMessage =
  | { readonly ok: true; readonly chunk: AudioChunk }
  /** `fatal` mistakes cost the session. */
  | { readonly ok: false; readonly fatal: boolean; readonly error: string };

const envelope = z.object({ message_type: z.string() });

export function readClientMessage(text: string): ReadMessage {
  const message = parseJson(text);
  const typed = envelope.safeParse(message);
  if (!typed.success) return { ok: false, fatal: true, error: 'A message must be JSON with a message_type' };
  const type = typed.data.message_type;
  if (type !== 'input_audio_chunk')
    return { ok: false, fatal: false, error: `Unexpected message type: ${type.slice(0, 50)}` };
  const chunk = chunkSchema.safeParse(message);
  if (!chunk.success) {
    const field = chunk.error.issues[0]?.path.join('.') || 'chunk';
    return { ok: false, fatal: true, error: `${field} is missing or wrong` };
  }
  return {
    ok: true,
    chunk: {
      audio: new Uint8Array(Buffer.from(chunk.data.audio_base_64, 'base64')),
      commit: chunk.data.commit,
      sampleRateHz: chunk.data.sample_rate,
      hasPreviousText: chunk.data.previous_text != null,
    },
  };
}

/** What a word without a known beginning is given. */
const firstWordMs = 200;
const seconds = (ms: number) => Math.round(ms) / 1_000;

/** The second message of a commit, with words and times; a word begins where the one before it ended. */
export function withTimestamps(
  text: string,
  words: readonly HeardWord[],
  settings: RecogniserSettings,
): object {
  return {
    message_type: 'committed_transcript_with_timestamps',
    text,
    language_code: settings.include_language_detection ? (settings.language_code ?? 'en') : null,
    words: words.map((word, i) => ({
      text: word.text,
      start: seconds(words[i - 1]?.heardAtMs ?? Math.max(0, word.heardAtMs - firstWordMs)),
      end: seconds(word.heardAtMs),
      type: 'word',
      speaker_id: null,
      logprob: 0,
      characters: null,
    })),
  };
}
