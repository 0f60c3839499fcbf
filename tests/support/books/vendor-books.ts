/** What the simulated vendors would bill, read from their own ledgers. */
import { defaultPrices, priceOfModel, priceOfSpeech } from '#core/costs/prices.ts';
import { addBills, billOf, usdOfBill } from '#local/twilio/bill.ts';
import type { CallLedger } from '#local/twilio/ledger.ts';
import type { AnthropicLedger, TokenTotals } from '#local/vendors/anthropic/ledger.ts';
import type { ElevenLabsLedger } from '#local/vendors/elevenlabs/ledger.ts';

export const billedServices = ['anthropic', 'elevenlabs-tts', 'elevenlabs-stt', 'twilio'] as const;
export type BilledService = (typeof billedServices)[number];

/** Raw units of a service, by what they are. */
export type Units = Readonly<Record<string, number>>;

export interface ServiceBook {
  readonly usd: number;
  readonly units: Units;
}
export type Books = Readonly<Record<BilledService, ServiceBook>>;

export interface VendorAddresses {
  readonly anthropic: string;
  readonly elevenlabs: string;
}

export interface VendorCounts {
  readonly anthropic: AnthropicLedger;
  readonly elevenlabs: Pick<ElevenLabsLedger, 'ttsCharacters' | 'sttSeconds'>;
}

const speechModel = 'eleven_flash_v2_5';
const secsPerHour = 3_600;

const readJson = async (url: string): Promise<unknown> => (await fetch(url)).json();

export async function readCounts(urls: VendorAddresses): Promise<VendorCounts> {
  const [anthropic, elevenlabs] = await Promise.all([
    readJson(`${urls.anthropic}/_simulated/ledger`),
    readJson(`${urls.elevenlabs}/_simulated/ledger`),
  ]);
  const { ttsCharacters, sttSeconds } = elevenlabs as ElevenLabsLedger;
  return { anthropic: anthropic as AnthropicLedger, elevenlabs: { ttsCharacters, sttSeconds } };
}

const tokenKinds = [
  'inputTokens',
  'cacheWrite5mTokens',
  'cacheWrite1hTokens',
  'cacheReadTokens',
  'outputTokens',
] as const;
const priceNames = ['input', 'cacheWrite5m', 'cacheWrite1h', 'cacheRead', 'output'] as const;

function usdOfTokens(model: string, tokens: Readonly<Record<(typeof tokenKinds)[number], number>>): number {
  // No call here comes near a long prompt.
  const price = priceOfModel(defaultPrices, model, 0);
  return tokenKinds.reduce((usd, kind, i) => {
    const perMtok = price[priceNames[i] ?? 'input'] ?? 0;
    return usd + (tokens[kind] * perMtok) / 1e6;
  }, 0);
}

function anthropicBook(before: AnthropicLedger, after: AnthropicLedger): ServiceBook {
  const models = Object.keys(after.byModel);
  const spent = (model: string) =>
    Object.fromEntries(
      tokenKinds.map((kind) => [
        kind,
        (after.byModel[model]?.[kind] ?? 0) - (before.byModel[model]?.[kind] ?? 0),
      ]),
    ) as Record<(typeof tokenKinds)[number], number>;
  const difference = (name: keyof TokenTotals) => after[name] - before[name];
  return {
    usd: models.reduce((usd, model) => usd + usdOfTokens(model, spent(model)), 0),
    units: {
      'input tokens': difference('inputTokens'),
      'cache writes': difference('cacheWrite5mTokens') + difference('cacheWrite1hTokens'),
      'cache reads': difference('cacheReadTokens'),
      'output tokens': difference('outputTokens'),
    },
  };
}

/** What was bought between two readings. */
export function booksOf(before: VendorCounts, after: VendorCounts, calls: readonly CallLedger[]): Books {
  const characters = after.elevenlabs.ttsCharacters - before.elevenlabs.ttsCharacters;
  const secs = after.elevenlabs.sttSeconds - before.elevenlabs.sttSeconds;
  const bill = addBills(calls.map(billOf));
  return {
    anthropic: anthropicBook(before.anthropic, after.anthropic),
    'elevenlabs-tts': {
      usd: (characters / 1_000) * (priceOfSpeech(defaultPrices, speechModel) ?? 0),
      units: { characters },
    },
    'elevenlabs-stt': {
      usd: (secs / secsPerHour) * (defaultPrices.recognition.usd ?? 0),
      units: { seconds: secs },
    },
    twilio: {
      usd: usdOfBill(bill),
      units: {
        'leg minutes': bill.inboundMinutes + bill.tollFreeMinutes + bill.outboundMinutes,
        'stream minutes': bill.streamMinutes,
        'machine detections': bill.machineDetections,
      },
    },
  };
}
