/** The environment of the functions, read once per cold start. */
import { isIP } from 'node:net';
import * as z from 'zod';
import { phoneMapSchema } from '#core/calls/phone-map.ts';
import { budgetSettingsSchema, noBudgets } from '#core/costs/budgets.ts';
import { jsonSetting } from '#core/costs/json-setting.ts';
import { type PriceProblem, parsePriceOverrides } from '#core/costs/price-overrides.ts';
import { defaultPrices, type Prices } from '#core/costs/prices.ts';
import { scopes } from '#core/http/routes.ts';
import { roleSchema } from '#core/personas/role.ts';

const text = z.string().trim().min(1);
const list = text
  .transform((value) =>
    value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
  .pipe(z.array(z.string()).min(1, 'must hold a value'));

const apiKeySchema = z.object({
  id: z.string().min(1).max(64),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 digest in hex'),
  scopes: z.array(z.enum(scopes)).min(1),
  expiresAt: z.iso.datetime().optional(),
});

const loopbackHosts = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Encrypted addresses; plain ones only to this machine itself. No slash at the end: Twilio signs the exact URL. */
const origin = (secure: string, plain: string) =>
  text.refine(
    (value) => {
      const url = URL.parse(value);
      if (url === null || value.endsWith('/') || url.search !== '' || url.hash !== '') return false;
      return url.protocol === secure || (url.protocol === plain && loopbackHosts.has(url.hostname));
    },
    {
      error: `must be a ${secure}// address without a slash at the end (${plain}// only on loopback in stage local)`,
    },
  );

const country = z.string().regex(/^([A-Z]{2}|\*)$/, 'must be ISO country codes such as US,CA, or *');
const perTime = z.coerce.number().int().min(1).max(100_000);

const addressRange = z
  .string()
  .transform((value) => {
    const [network = '', prefix = ''] = value.split('/');
    return { network, prefix: prefix === '' ? Number.NaN : Number(prefix) };
  })
  .refine(
    ({ network, prefix }) => isIP(network) !== 0 && prefix >= 0 && prefix <= (isIP(network) === 4 ? 32 : 128),
    'must be address ranges such as 203.0.113.0/24',
  );

const fields = z.object({
  STAGE: text.default('local'),
  SERVICE_VERSION: text.default('dev'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  PUBLIC_BASE_URL: origin('https:', 'http:'),
  MEDIA_BASE_URL: origin('wss:', 'ws:'),
  TWILIO_AUTH_TOKEN: list,
  TWILIO_ACCOUNT_SID: text,
  TWILIO_PHONE_NUMBER: text,
  TWILIO_API_BASE_URL: text.default('https://api.twilio.com'),
  /** Where calls may be placed to; `*` is everywhere. */
  OUTBOUND_COUNTRIES: list.pipe(z.array(country)).default(['US', 'CA']),
  /** Calls taken from one caller; a number in INBOUND_PHONE_MAP may have its own. */
  INBOUND_CALLS_PER_CALLER_PER_HOUR: perTime.default(10),
  /** Whether callers who begin and drop calls again and again are turned away for a while. */
  CONDUCT_CONTROL: z.enum(['on', 'off']).default('on'),
  /** Origins of the pages that may register web calls and consents. Default: the HTTP API's own. */
  WEB_ORIGINS: list.optional(),
  /** Addresses that webhooks may come from, such as 203.0.113.0/24; without it any. */
  TWILIO_SOURCE_RANGES: list.pipe(z.array(addressRange)).default([]),
  /** Calls of the whole stage, inbound and outbound. */
  CALLS_PER_MINUTE_MAX: perTime.default(600),
  STREAM_TOKEN_SECRET: list,
  PHONE_HASH_KEY: text,
  CURSOR_SECRET: text,
  /** One key with every scope, for development. */
  OUTBOUND_API_KEY: text.optional(),
  API_KEYS: jsonSetting(z.array(apiKeySchema)).default([]),
  CRON_SECRET: text.optional(),
  INBOUND_PHONE_MAP: jsonSetting(phoneMapSchema).default({}),
  DEFAULT_ROLE: roleSchema.default('parent'),
  /** For the daily comparison with the vendors' own books; a vendor whose key is missing is left out of it. */
  ELEVENLABS_API_KEY: text.optional(),
  ELEVENLABS_BASE_URL: text.default('https://api.elevenlabs.io'),
  ELEVENLABS_TTS_MODEL: text.default('eleven_flash_v2_5'),
  ANTHROPIC_ADMIN_KEY: text.optional(),
  ANTHROPIC_BASE_URL: text.default('https://api.anthropic.com'),
  BUDGETS: jsonSetting(budgetSettingsSchema).default(noBudgets),
  RECORDS_TTL_DAYS: z.coerce.number().positive().default(365),
  CALLS_TABLE: text,
  COSTS_TABLE: text,
  LIMITS_TABLE: text,
  CONSENTS_TABLE: text,
  AWS_REGION: text.default('us-east-1'),
  AWS_ENDPOINT_URL_DYNAMODB: text.optional(),
  /** Where the media tasks tell that they live. */
  AWS_ENDPOINT_URL_CLOUDWATCH: text.optional(),
});

/** What is sent in clear must not leave the machine. */
export const functionsConfigSchema = fields.superRefine((config, context) => {
  if (config.STAGE === 'local') return;
  for (const name of ['PUBLIC_BASE_URL', 'MEDIA_BASE_URL'] as const)
    if (!/^(https|wss):/i.test(config[name]))
      context.addIssue({ code: 'custom', path: [name], message: 'must be encrypted outside stage local' });
});
export type FunctionsConfig = z.infer<typeof functionsConfigSchema> & { readonly prices: Prices };

/** Everything that is missing or wrong at once; names and mends, never values. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(
      `The environment is not complete. Set in .env or in the stage's settings:\n  ${problems.join('\n  ')}`,
    );
    this.name = 'ConfigError';
  }
}

/** Throws `ConfigError`. An empty variable means the same as none. */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): FunctionsConfig {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = functionsConfigSchema.safeParse(given);
  const prices = parsePriceOverrides(given, defaultPrices);
  if (parsed.success && prices.ok) return { ...parsed.data, prices: prices.prices };
  const issues = parsed.success ? [] : parsed.error.issues;
  const priceProblems = prices.ok ? [] : prices.problems;
  throw new ConfigError([
    ...issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
    ...priceProblems.map(({ variable, problem }: PriceProblem) => `${variable}: ${problem}`),
  ]);
}
