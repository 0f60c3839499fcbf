/** The query of a recogniser session. The real service opens the socket first and complains afterwards. */
import * as z from 'zod';

const formatRatesHz = {
  ulaw_8000: 8_000,
  pcm_8000: 8_000,
  pcm_16000: 16_000,
  pcm_22050: 22_050,
  pcm_24000: 24_000,
  pcm_44100: 44_100,
  pcm_48000: 48_000,
} as const;
export type AudioFormat = keyof typeof formatRatesHz;

const models = ['scribe_v2_realtime', 'scribe_v2_realtime_turbo'] as const;
const keytermsMax = 50;
const keytermCharsMax = 20;

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const numberBetween = (min: number, max: number) => z.coerce.number().min(min).max(max);

const settingsSchema = z.object({
  model_id: z.enum(models),
  audio_format: z.enum(Object.keys(formatRatesHz) as [AudioFormat, ...AudioFormat[]]).default('pcm_16000'),
  commit_strategy: z.enum(['manual', 'vad']).default('manual'),
  vad_silence_threshold_secs: numberBetween(0.3, 3).default(1.5),
  vad_threshold: numberBetween(0.1, 0.9).default(0.4),
  min_speech_duration_ms: numberBetween(50, 2_000).default(100),
  min_silence_duration_ms: numberBetween(50, 2_000).default(100),
  language_code: z
    .string()
    .regex(/^[a-z]{2,3}$/)
    .optional(),
  include_timestamps: flag.default(false),
  include_language_detection: flag.default(false),
  no_verbatim: flag.default(false),
  enable_logging: flag.default(true),
  keyterms: z.array(z.string().min(1).max(keytermCharsMax)).max(keytermsMax),
});

export type RecogniserSettings = z.output<typeof settingsSchema> & { readonly sample_rate: number };

export type SettingsResult =
  | { readonly ok: true; readonly settings: RecogniserSettings; readonly unknown: readonly string[] }
  /** The name of the parameter and what it must be; no value. */
  | { readonly ok: false; readonly problem: string };

const known = new Set([...Object.keys(settingsSchema.shape), 'token']);

export function readSettings(query: URLSearchParams): SettingsResult {
  const parsed = settingsSchema.safeParse({
    ...Object.fromEntries(query),
    keyterms: query.getAll('keyterms'),
  });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return {
      ok: false,
      problem: `${issue?.path[0]?.toString() ?? 'query'}: ${issue?.message ?? 'not valid'}`,
    };
  }
  const unknown = [...new Set(query.keys())].filter((name) => !known.has(name));
  return {
    ok: true,
    settings: { ...parsed.data, sample_rate: formatRatesHz[parsed.data.audio_format] },
    unknown,
  };
}
