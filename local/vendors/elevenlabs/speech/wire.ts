/** Query and client messages of the two speech sockets (ElevenLabs API reference and the serialisers of its SDK). */
import * as z from 'zod';

/** Models these sockets serve; `eleven_v3` and later are served elsewhere. */
export const speechModels = [
  'eleven_flash_v2_5',
  'eleven_flash_v2',
  'eleven_turbo_v2_5',
  'eleven_turbo_v2',
  'eleven_multilingual_v2',
] as const;

export const outputFormats = [
  'ulaw_8000',
  'alaw_8000',
  ...[8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000].map((rate) => `pcm_${rate}`),
  ...['22050_32', '24000_48', '44100_32', '44100_64', '44100_96', '44100_128', '44100_192'].map(
    (kind) => `mp3_${kind}`,
  ),
  ...[32, 64, 96, 128, 192].map((rate) => `opus_48000_${rate}`),
] as const;

/** What is sent when the client does not say: nothing a telephone can play. */
export const defaultOutputFormat = 'mp3_44100_128';

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((value) => value === 'true');

export const speechQuerySchema = z.object({
  model_id: z.enum(speechModels).default('eleven_multilingual_v2'),
  output_format: z.enum(outputFormats as readonly [string, ...string[]]).default(defaultOutputFormat),
  language_code: z
    .string()
    .regex(/^[a-z]{2}$/)
    .optional(),
  enable_logging: z.enum(['true', 'false']).default('true'),
  enable_ssml_parsing: flag,
  inactivity_timeout: z.coerce.number().int().min(1).max(180).default(20),
  sync_alignment: flag,
  auto_mode: flag,
  apply_text_normalization: z.enum(['auto', 'on', 'off']).default('auto'),
  seed: z.coerce.number().int().min(0).max(4_294_967_295).optional(),
});
export type SpeechQuery = z.output<typeof speechQuerySchema>;

/** Parameters that say who the client is. */
export const credentialParameters = ['single_use_token', 'authorization'];

const share = z.number().min(0).max(1);

export const voiceSettingsSchema = z.object({
  stability: share.nullish(),
  similarity_boost: share.nullish(),
  style: share.nullish(),
  use_speaker_boost: z.boolean().nullish(),
  speed: z.number().min(0.7).max(1.2).nullish(),
});

const scheduleSchema = z.object({
  chunk_length_schedule: z.array(z.number().min(50).max(500)).min(1).nullish(),
});

/** The longest text of one message, in characters: what the vendor allows for a request to its flash model. */
const textCharsMax = 40_000;

const messageSchema = z.object({
  text: z.string().max(textCharsMax).optional(),
  voice_settings: voiceSettingsSchema.nullish(),
  generation_config: scheduleSchema.nullish(),
  flush: z.boolean().nullish(),
});

export const multiMessageSchema = messageSchema.extend({
  context_id: z.string().min(1).optional(),
  close_context: z.boolean().nullish(),
  close_socket: z.boolean().nullish(),
});
export type MultiMessage = z.output<typeof multiMessageSchema>;

export const singleMessageSchema = messageSchema.extend({
  text: z.string().max(textCharsMax),
  try_trigger_generation: z.boolean().nullish(),
});
export type SingleMessage = z.output<typeof singleMessageSchema>;

/** Characters that must wait before a chunk is generated; the last entry holds for all later chunks. */
export const defaultSchedule: readonly number[] = [120, 160, 250, 290];
