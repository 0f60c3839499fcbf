/** The environment of this process, read once. */
import * as z from 'zod';
import { defaultConversationSettings, type KeyAction, keyActions } from '#core/conversation/settings.ts';
import { budgetSettingsSchema, noBudgets } from '#core/costs/budgets.ts';
import { jsonSetting } from '#core/costs/json-setting.ts';
import { type PriceProblem, parsePriceOverrides } from '#core/costs/price-overrides.ts';
import { defaultPrices, type Prices } from '#core/costs/prices.ts';
import { limits } from '#core/limits.ts';

const text = z.string().trim().min(1);
const list = text.transform((value) =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);
const whole = (from: number, to: number) => z.coerce.number().int().min(from).max(to);

/** `0=human,9=help`: what the keys of the phone do. */
const keyMap = z
  .string()
  .transform((value) =>
    value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map((part) => part.split('=').map((side) => side.trim())),
  )
  .refine(
    (pairs) =>
      pairs.every(
        (pair) =>
          pair.length === 2 &&
          /^[0-9*#]$/.test(pair[0] ?? '') &&
          (keyActions as readonly string[]).includes(pair[1] ?? ''),
      ),
    { error: `must be key=action pairs such as 0=human,9=help; the actions are ${keyActions.join(', ')}` },
  )
  .transform((pairs) => Object.fromEntries(pairs) as Readonly<Record<string, KeyAction>>);

const loopbackHosts = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** TLS everywhere; plain `ws` only to this machine itself. */
const streamOrigin = text.refine(
  (value) => {
    const url = URL.parse(value);
    return (
      url !== null && (url.protocol === 'wss:' || (url.protocol === 'ws:' && loopbackHosts.has(url.hostname)))
    );
  },
  { error: 'must be a wss:// address (ws:// only on loopback)' },
);

export const mediaConfigSchema = z.object({
  STAGE: text.default('local'),
  SERVICE_VERSION: text.default('dev'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  MEDIA_PORT: whole(0, 65_535).default(8080),
  MEDIA_HOST: text.default('0.0.0.0'),
  MEDIA_BASE_URL: streamOrigin,
  CALLS_PER_PROCESS_MAX: whole(1, 10_000).default(limits.callsPerProcessMax),
  /** Of these, calls from browsers. */
  WEB_CALLS_PER_PROCESS_MAX: whole(0, 10_000).default(limits.webCallsPerProcessMax),
  CALL_MAX_SECS: whole(5, 4 * 3600).default(55 * 60),
  DRAIN_ACCEPT_MS: whole(0, 60_000).default(0),
  DRAIN_GRACE_MS: whole(0, 3_600_000).default(60_000),
  DRAIN_GOODBYE_MS: whole(0, 60_000).default(15_000),
  TWILIO_AUTH_TOKEN: list,
  STREAM_TOKEN_SECRET: list,
  ANTHROPIC_API_KEY: text,
  ANTHROPIC_BASE_URL: text.default('https://api.anthropic.com'),
  CLAUDE_MODEL: text.default('claude-haiku-5-5'),
  CLAUDE_FALLBACK_MODEL: text.default('claude-haiku-4-5'),
  ELEVENLABS_API_KEY: text,
  ELEVENLABS_BASE_URL: text.default('https://api.elevenlabs.io'),
  ELEVENLABS_TTS_MODEL: text.default('eleven_flash_v2_5'),
  ELEVENLABS_STT_MODEL: text.default('scribe_v2_realtime'),
  STT_COMMIT_STRATEGY: z.enum(['manual', 'vad']).default('manual'),
  ENDPOINT_AFTER_SENTENCE_MS: whole(100, 3_000).default(defaultConversationSettings.endpointAfterSentenceMs),
  ENDPOINT_MS: whole(100, 5_000).default(defaultConversationSettings.endpointMs),
  ENDPOINT_MID_CLAUSE_MS: whole(100, 5_000).default(defaultConversationSettings.endpointMidClauseMs),
  ENDPOINT_MAX_MS: whole(500, 10_000).default(defaultConversationSettings.endpointMaxMs),
  DRAFTS_MAX: whole(0, 10).default(defaultConversationSettings.draftsMax),
  HOLD_AFTER_MS: whole(500, 2_500).default(defaultConversationSettings.holdAfterMs),
  RE_PROMPT_AFTER_MS: whole(2_000, 60_000).default(defaultConversationSettings.rePromptAfterMs),
  KEY_ACTIONS: keyMap.default({ ...defaultConversationSettings.keys }),
  LANGUAGE_CODE: text.regex(/^[a-z]{2}$/, 'must be an ISO 639-1 code such as en').default('en'),
  /** Folder of recorded phrases; without it every phrase is spoken live. */
  RECORDED_PHRASES_DIR: text.optional(),
  MCP_URL: text.optional(),
  MCP_TOKEN: text.optional(),
  TRANSFER_NUMBER: text.regex(/^\+[1-9]\d{6,14}$/, 'must be an E.164 number such as +14155550100').optional(),
  BUDGETS: jsonSetting(budgetSettingsSchema).default(noBudgets),
  RECORDS_TTL_DAYS: z.coerce.number().positive().default(365),
  COMPUTE_SHARE: z.coerce
    .number()
    .positive()
    .max(1)
    .default(1 / limits.callsPerProcessMax),
  AWS_REGION: text.default('us-east-1'),
  AWS_ENDPOINT_URL_DYNAMODB: text.optional(),
  CALLS_TABLE: text,
  COSTS_TABLE: text,
  LIMITS_TABLE: text,
});

export type MediaConfig = z.infer<typeof mediaConfigSchema> & {
  readonly prices: Prices;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** @returns the settings, or everything that is missing or wrong, one line each; never a value. */
export function parseMediaConfig(
  environment: Environment,
): { readonly config: MediaConfig } | { readonly problems: readonly string[] } {
  // An empty variable means the same as none: `.env` files are full of them.
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = mediaConfigSchema.safeParse(given);
  const overrides = parsePriceOverrides(given, defaultPrices);
  const problems = [
    ...(parsed.success
      ? []
      : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)),
    ...(overrides.ok
      ? []
      : overrides.problems.map(({ variable, problem }: PriceProblem) => `${variable}: ${problem}`)),
  ];
  if (!parsed.success || !overrides.ok) return { problems };
  return { config: { ...parsed.data, prices: overrides.prices } };
}
