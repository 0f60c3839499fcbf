/** Which settings a stack on one machine runs with, and which vendor is simulated, real or at a given address. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import * as z from 'zod';
import { readPriceSettings } from '#core/costs/price-settings.ts';
import { developmentAwsCredentials, developmentValues } from './development-values.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

export const vendors = ['twilio', 'elevenlabs', 'anthropic', 'mcp', 'dynamodb'] as const;
export type Vendor = (typeof vendors)[number];

/**
 * - `simulated`: a stand-in of ours is started
 * - `real`: its key is set; the vendor's own address
 * - `given`: whatever answers at an address that was set explicitly
 */
export type VendorMode =
  | { readonly mode: 'simulated' }
  | { readonly mode: 'real'; readonly url: string }
  | { readonly mode: 'given'; readonly url: string };

export interface LocalEnvironment {
  readonly port: number;
  readonly mediaPort: number;
  /** Without a slash at the end. */
  readonly httpUrl: string;
  readonly mediaUrl: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly vendors: Readonly<Record<Vendor, VendorMode>>;
  /** Everything that was set, and development values for the rest; vendor addresses only where they were given. */
  readonly variables: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

export type EnvironmentResult =
  | { readonly ok: true; readonly environment: LocalEnvironment }
  /** One sentence a problem: the variable, what is wrong, how to mend it. No value that could be a secret. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** Vendors in the words of these tables: where each real one lives, what switches it on, what moves it. */
const vendorRules = {
  twilio: {
    realUrl: 'https://api.twilio.com',
    key: 'TWILIO_AUTH_TOKEN',
    address: 'TWILIO_API_BASE_URL',
  },
  elevenlabs: {
    realUrl: 'https://api.elevenlabs.io',
    key: 'ELEVENLABS_API_KEY',
    address: 'ELEVENLABS_BASE_URL',
  },
  anthropic: {
    realUrl: 'https://api.anthropic.com',
    key: 'ANTHROPIC_API_KEY',
    address: 'ANTHROPIC_BASE_URL',
  },
} as const;

const loopbackHosts = new Set(['127.0.0.1', 'localhost', '[::1]']);

export const isLoopback = (url: string): boolean => loopbackHosts.has(new URL(url).hostname);

const port = z
  .string()
  .regex(/^\d+$/)
  .transform(Number)
  .refine((value) => value >= 1 && value <= 65_535);

function url(...protocols: readonly string[]) {
  return z
    .string()
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol.slice(0, -1)))
    .transform((value) => value.replace(/\/+$/, ''));
}

const settingsSchema = z.object({
  STAGE: z.literal('local'),
  PORT: port,
  MEDIA_PORT: port,
  DATA_DIR: z.string(),
  PUBLIC_BASE_URL: url('http', 'https').optional(),
  MEDIA_BASE_URL: url('ws', 'wss').optional(),
  ANTHROPIC_BASE_URL: url('http', 'https').optional(),
  ELEVENLABS_BASE_URL: url('http', 'https', 'ws', 'wss').optional(),
  TWILIO_API_BASE_URL: url('http', 'https').optional(),
  MCP_URL: url('http', 'https').optional(),
  AWS_ENDPOINT_URL_DYNAMODB: url('http', 'https').optional(),
});
type Settings = z.output<typeof settingsSchema>;

const mends: Record<keyof Settings, string> = {
  STAGE: 'is not "local". A stack on one machine runs in that stage only: unset STAGE.',
  PORT: 'is not a port number. Set it to a whole number from 1 to 65535, such as 3000.',
  MEDIA_PORT: 'is not a port number. Set it to a whole number from 1 to 65535, such as 8080.',
  DATA_DIR: 'is not a folder name. Set it to a folder that may be written, such as .local.',
  PUBLIC_BASE_URL: 'is not an http or https address. Set it to the address Twilio calls, or unset it.',
  MEDIA_BASE_URL: 'is not a ws or wss address. Set it to the address Twilio streams to, or unset it.',
  ANTHROPIC_BASE_URL: 'is not an http or https address. Mend it or unset it.',
  ELEVENLABS_BASE_URL: 'is not an http, https, ws or wss address. Mend it or unset it.',
  TWILIO_API_BASE_URL: 'is not an http or https address. Mend it or unset it.',
  MCP_URL: 'is not an http or https address. Mend it or unset it.',
  AWS_ENDPOINT_URL_DYNAMODB: 'is not an http or https address. Mend it or unset it.',
};

/** A line `NAME=` in a `.env` means that nothing was set. */
function withoutBlanks(given: Variables): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && value.trim() !== '') kept[name] = value;
  }
  return kept;
}

function decideVendor(rule: (typeof vendorRules)[keyof typeof vendorRules], set: Variables): VendorMode {
  const address = set[rule.address];
  if (address !== undefined) return { mode: 'given', url: address };
  const key = set[rule.key];
  if (key === undefined || key === developmentValues[rule.key]) return { mode: 'simulated' };
  return { mode: 'real', url: rule.realUrl };
}

function decideVendors(settings: Settings, set: Variables): Record<Vendor, VendorMode> {
  const given = (address: string | undefined, mode: 'real' | 'given'): VendorMode =>
    address === undefined ? { mode: 'simulated' } : { mode, url: address };
  return {
    twilio: decideVendor(vendorRules.twilio, set),
    elevenlabs: decideVendor(vendorRules.elevenlabs, set),
    anthropic: decideVendor(vendorRules.anthropic, set),
    mcp: given(settings.MCP_URL, 'real'),
    dynamodb: given(settings.AWS_ENDPOINT_URL_DYNAMODB, 'given'),
  };
}

function findWarnings(modes: Record<Vendor, VendorMode>, httpUrl: string): string[] {
  const warnings: string[] = [];
  if (modes.twilio.mode === 'real' && isLoopback(httpUrl)) {
    warnings.push(
      `TWILIO_AUTH_TOKEN is set, but Twilio cannot reach ${httpUrl}. Set PUBLIC_BASE_URL and MEDIA_BASE_URL to public addresses (a tunnel) to take real calls.`,
    );
  }
  return warnings;
}

/**
 * Pure: decides from what was set.
 * @param given the process environment laid over the `.env`
 * @param cwd what a relative `DATA_DIR` is relative to
 */
export function decideEnvironment(given: Variables, cwd: string): EnvironmentResult {
  const set = withoutBlanks(given);
  const parsed = settingsSchema.safeParse({ ...developmentValues, ...set });
  if (!parsed.success) {
    const names = new Set(parsed.error.issues.map((issue) => issue.path[0] as keyof Settings));
    return { ok: false, problems: [...names].map((name) => `${name} ${mends[name]}`) };
  }
  const settings = parsed.data;
  if (settings.PORT === settings.MEDIA_PORT) {
    return {
      ok: false,
      problems: ['MEDIA_PORT is the same as PORT. Give each its own, such as 8080 and 3000.'],
    };
  }
  const httpUrl = settings.PUBLIC_BASE_URL ?? `http://127.0.0.1:${settings.PORT}`;
  const mediaUrl = settings.MEDIA_BASE_URL ?? `ws://127.0.0.1:${settings.MEDIA_PORT}`;
  const modes = decideVendors(settings, set);
  const credentials = set['AWS_ACCESS_KEY_ID'] || set['AWS_PROFILE'] ? {} : developmentAwsCredentials;
  const dataDir = path.resolve(cwd, settings.DATA_DIR);
  const variables = {
    ...developmentValues,
    RECORDED_PHRASES_DIR: path.join(dataDir, 'phrases'),
    ...credentials,
    ...set,
    PUBLIC_BASE_URL: httpUrl,
    MEDIA_BASE_URL: mediaUrl,
    DATA_DIR: dataDir,
  };
  return {
    ok: true,
    environment: {
      port: settings.PORT,
      mediaPort: settings.MEDIA_PORT,
      httpUrl,
      mediaUrl,
      dataDir: variables.DATA_DIR,
      vendors: modes,
      variables,
      warnings: findWarnings(modes, httpUrl),
    },
  };
}

/** @returns what the `.env` in `folder` sets; nothing when there is none. Throws when it cannot be read. */
export function readDotEnv(folder: string): Variables {
  try {
    return parseEnv(readFileSync(path.join(folder, '.env'), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/**
 * Reads `.env` and the process environment, which wins, also where it is set to nothing; and the prices in the file
 * that `PRICES_FILE` names.
 */
export function loadEnvironment(cwd = process.cwd(), env: Variables = process.env): EnvironmentResult {
  const given = { ...readDotEnv(cwd), ...env };
  const file = given['PRICES_FILE']?.trim() ?? '';
  if (file === '') return decideEnvironment(given, cwd);
  if ((given['PRICES'] ?? '') !== '')
    return { ok: false, problems: ['PRICES_FILE and PRICES are both set. Unset one of them.'] };
  const read = readPrices(path.resolve(cwd, file));
  if ('problems' in read)
    return { ok: false, problems: read.problems.map((problem) => `PRICES_FILE (${file}): ${problem}`) };
  return decideEnvironment({ ...given, PRICES: read.prices }, cwd);
}

/** @returns the document without its blanks, or what is wrong with it. */
function readPrices(file: string): { readonly prices: string } | { readonly problems: readonly string[] } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return { problems: ['cannot be read. Set it to a JSON file, or unset it.'] };
  }
  const read = readPriceSettings(text);
  return read.ok ? { prices: JSON.stringify(read.settings) } : { problems: read.problems };
}
