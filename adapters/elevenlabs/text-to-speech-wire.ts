/**
 * Messages of the speech socket with several contexts (`multi-stream-input`), both ways.
 * Source: ElevenLabs API reference, "Multi-context WebSocket", and the serialisers of its SDK 2.73: what we send is
 * snake_case, what comes back camelCase, and older texts spell some fields otherwise.
 */
import * as z from 'zod';
import { durationMs, type MulawAudio } from '#core/audio/mulaw.ts';
import type { ProviderFailure } from '#core/errors.ts';
import type { CharacterAlignment, VoiceId } from '#core/ports/text-to-speech.ts';
import { safeCode } from './failures.ts';

/** How a voice sounds; what is left out is the voice's own. Ranges are the vendor's. */
export interface VoiceSettings {
  /** 0 to 1. */
  readonly stability?: number;
  /** 0 to 1. */
  readonly similarityBoost?: number;
  /** 0 to 1. */
  readonly style?: number;
  readonly useSpeakerBoost?: boolean;
  /** 0.7 to 1.2. */
  readonly speed?: number;
}

/** The longest the vendor lets a socket be quiet, in seconds; its default is 20. */
export const inactivityTimeoutSecs = 180;

export function speechPath(voice: VoiceId, modelId: string): string {
  const query = new URLSearchParams({
    model_id: modelId,
    output_format: 'ulaw_8000',
    auto_mode: 'true',
    sync_alignment: 'true',
    inactivity_timeout: String(inactivityTimeoutSecs),
  });
  return `/v1/text-to-speech/${encodeURIComponent(voice)}/multi-stream-input?${query}`;
}

/** The settings as the wire spells them; undefined when there are none. */
export function voiceSettingsBody(settings: VoiceSettings | undefined): object | undefined {
  return (
    settings && {
      stability: settings.stability,
      similarity_boost: settings.similarityBoost,
      style: settings.style,
      use_speaker_boost: settings.useSpeakerBoost,
      speed: settings.speed,
    }
  );
}

/** Client messages. Voice settings are allowed in the first message of a context only. */
export const encode = {
  open: (contextId: string, settings: VoiceSettings | undefined) =>
    JSON.stringify({ text: ' ', context_id: contextId, voice_settings: voiceSettingsBody(settings) }),
  text: (contextId: string, text: string) => JSON.stringify({ text, context_id: contextId }),
  flush: (contextId: string) => JSON.stringify({ text: '', context_id: contextId, flush: true }),
  keepAlive: (contextId: string) => JSON.stringify({ text: '', context_id: contextId }),
  closeContext: (contextId: string) => JSON.stringify({ context_id: contextId, close_context: true }),
  closeSocket: () => JSON.stringify({ close_socket: true }),
};

export interface SpokenMessage {
  readonly type: 'spoken';
  readonly contextId: string;
  /** Empty when the message brings none. */
  readonly audio: MulawAudio;
  readonly alignment: CharacterAlignment | undefined;
  readonly final: boolean;
}

export type SpeechMessage =
  | SpokenMessage
  | { readonly type: 'failed'; readonly code: string; readonly failure: ProviderFailure }
  | { readonly type: 'ignored' };

const alignmentSchema = z
  .object({
    chars: z.array(z.string()),
    charStartTimesMs: z.array(z.number()),
    charDurationsMs: z.array(z.number()).optional(),
    charsDurationsMs: z.array(z.number()).optional(),
  })
  .nullish()
  .catch(undefined);

const messageSchema = z.object({
  error: z.string().optional(),
  contextId: z.string().nullish(),
  context_id: z.string().nullish(),
  audio: z.string().nullish(),
  isFinal: z.boolean().nullish(),
  is_final: z.boolean().nullish(),
  alignment: alignmentSchema,
  normalizedAlignment: alignmentSchema,
});

function toAlignment(wire: z.infer<typeof alignmentSchema>): CharacterAlignment | undefined {
  if (!wire) return undefined;
  const durations = wire.charDurationsMs ?? wire.charsDurationsMs ?? [];
  const count = Math.min(wire.chars.length, wire.charStartTimesMs.length, durations.length);
  if (count === 0) return undefined;
  return {
    chars: wire.chars.slice(0, count),
    startMs: wire.charStartTimesMs.slice(0, count),
    durationMs: durations.slice(0, count),
  };
}

function toAudio(base64: string | null | undefined): MulawAudio {
  const bytes = Buffer.from(base64 ?? '', 'base64');
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Only some codes have been seen in the field; the others are told apart by the words a code is made of. */
function failureOfCode(code: string): ProviderFailure {
  if (code === 'input_timeout_exceeded') return 'unavailable';
  if (/quota|credit|payment|auth|api_key|permission|forbidden/i.test(code)) return 'refused';
  if (/max_active|rate|concurren|busy|limit/i.test(code)) return 'overloaded';
  if (/voice|model|invalid/i.test(code)) return 'invalid-request';
  return 'unavailable';
}

/** Never throws. What we do not know, or cannot read, is ignored: missing audio is noticed by its absence. */
export function readSpeechMessage(text: string): SpeechMessage {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { type: 'ignored' };
  }
  const parsed = messageSchema.safeParse(json);
  if (!parsed.success) return { type: 'ignored' };

  const message = parsed.data;
  if (message.error !== undefined)
    return { type: 'failed', code: safeCode(message.error), failure: failureOfCode(safeCode(message.error)) };
  const contextId = message.contextId ?? message.context_id;
  if (!contextId) return { type: 'ignored' };
  return {
    type: 'spoken',
    contextId,
    audio: toAudio(message.audio),
    alignment: toAlignment(message.alignment) ?? toAlignment(message.normalizedAlignment),
    final: message.isFinal ?? message.is_final ?? false,
  };
}

/** Whether all characters begin within the audio they came with, give or take a rounding of the vendor's. */
export function isWithin(alignment: CharacterAlignment, audio: MulawAudio): boolean {
  const toleranceMs = 60;
  const lastStartMs = alignment.startMs.at(-1) ?? 0;
  return lastStartMs <= durationMs(audio) + toleranceMs;
}
