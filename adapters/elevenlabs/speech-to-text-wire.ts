/**
 * Messages of the realtime recogniser (`/v1/speech-to-text/realtime`), both ways.
 * Source: ElevenLabs API reference, "Realtime speech to text", and the types of its SDK 2.73.
 */
import * as z from 'zod';
import { type MulawAudio, sampleRateHz } from '#core/audio/mulaw.ts';
import type { ProviderFailure } from '#core/errors.ts';

export const recogniserPath = '/v1/speech-to-text/realtime';

/** The vendor's bounds on terms worth listening for; more, or longer ones, end the session. */
export const keytermsMax = 50;
export const keytermCharsMax = 20;

export type CommitStrategy = 'manual' | 'vad';

export interface RecogniserSettings {
  readonly modelId: string;
  readonly languageCode: string;
  readonly commitStrategy: CommitStrategy;
  readonly vadSilenceThresholdSecs: number;
  readonly keyterms: readonly string[];
}

/** Every setting is a query parameter: the protocol has no configuration message. */
export function recogniserQuery(settings: RecogniserSettings): URLSearchParams {
  const query = new URLSearchParams({
    model_id: settings.modelId,
    audio_format: 'ulaw_8000',
    commit_strategy: settings.commitStrategy,
    // ISO 639-1 only: `en-US` is refused after the socket has opened.
    language_code: (settings.languageCode.split('-')[0] ?? '').toLowerCase(),
  });
  if (settings.commitStrategy === 'vad')
    query.set('vad_silence_threshold_secs', String(settings.vadSilenceThresholdSecs));
  for (const term of settings.keyterms) query.append('keyterms', term);
  return query;
}

const base64 = (audio: MulawAudio): string =>
  Buffer.from(audio.buffer, audio.byteOffset, audio.byteLength).toString('base64');

/**
 * @param audio may be empty, with `commit`
 * @param previousText allowed on the first chunk of a socket only
 */
export function encodeAudioChunk(
  audio: MulawAudio,
  options: { readonly commit: boolean; readonly previousText?: string | undefined },
): string {
  return JSON.stringify({
    message_type: 'input_audio_chunk',
    audio_base_64: base64(audio),
    commit: options.commit,
    sample_rate: sampleRateHz,
    previous_text: options.previousText,
  });
}

/**
 * What a server message means to us.
 * - `throttled`: a commit with too little new audio was refused; the audio stays uncommitted
 * - `no-speech`: a commit found nothing to transcribe
 * - `failed`: the session is of no more use
 */
export type RecogniserMessage =
  | { readonly type: 'started' }
  | { readonly type: 'partial'; readonly text: string }
  | { readonly type: 'committed'; readonly text: string }
  | { readonly type: 'throttled' }
  | { readonly type: 'no-speech' }
  | { readonly type: 'failed'; readonly code: string; readonly failure: ProviderFailure }
  | { readonly type: 'ignored' };

const failures: Record<string, ProviderFailure> = {
  auth_error: 'refused',
  quota_exceeded: 'refused',
  unaccepted_terms: 'refused',
  rate_limited: 'overloaded',
  resource_exhausted: 'overloaded',
  queue_overflow: 'overloaded',
  session_time_limit_exceeded: 'unavailable',
  transcriber_error: 'unavailable',
  error: 'unavailable',
  input_error: 'invalid-request',
  invalid_request: 'invalid-request',
  chunk_size_exceeded: 'invalid-request',
};

const envelope = z.object({ message_type: z.string() });
const transcript = z.object({ text: z.string().nullish() });

function readTranscript(type: 'partial' | 'committed', message: unknown): RecogniserMessage {
  const parsed = transcript.safeParse(message);
  return parsed.success ? { type, text: (parsed.data.text ?? '').trim() } : { type: 'ignored' };
}

/**
 * Never throws. Types we do not know are ignored, for the vendor adds some; so is what we cannot read: should it have
 * been the answer to a commit, its absence is noticed.
 */
export function readRecogniserMessage(text: string): RecogniserMessage {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return { type: 'ignored' };
  }
  const parsed = envelope.safeParse(message);
  if (!parsed.success) return { type: 'ignored' };

  const type = parsed.data.message_type;
  if (type === 'session_started') return { type: 'started' };
  if (type === 'partial_transcript') return readTranscript('partial', message);
  // With timestamps or language detection each commit comes a second time under another type: one kind counts.
  if (type === 'committed_transcript') return readTranscript('committed', message);
  if (type === 'commit_throttled') return { type: 'throttled' };
  if (type === 'insufficient_audio_activity') return { type: 'no-speech' };
  const failure = Object.hasOwn(failures, type) ? failures[type] : undefined;
  return failure ? { type: 'failed', code: type, failure } : { type: 'ignored' };
}
