/** Prices from the environment: an account's own contract instead of the list. */
import { applyPriceSettings, readPriceSettings } from './price-settings.ts';
import type { Prices, UnitPrice } from './prices.ts';

/** A variable that cannot be used, and what to do about it. */
export interface PriceProblem {
  readonly variable: string;
  readonly problem: string;
}

export type PriceOverrides =
  | { readonly ok: true; readonly prices: Prices }
  | { readonly ok: false; readonly problems: readonly PriceProblem[] };

type Apply = (prices: Prices, value: number) => Prices;

const fromOperator = { source: 'environment', confirmed: true };
const unit = (usd: number, per: UnitPrice['per']): UnitPrice => ({ usd, per, ...fromOperator });
const minutesPerHour = 60;

/** Every variable, in the unit its name says. Cache writes of both lifetimes get the one price. */
const variables: Readonly<Record<string, Apply>> = {
  CLAUDE_INPUT_PRICE_PER_MTOK: (prices, input) => withModel(prices, { input }),
  CLAUDE_OUTPUT_PRICE_PER_MTOK: (prices, output) => withModel(prices, { output }),
  CLAUDE_CACHE_WRITE_PRICE_PER_MTOK: (prices, write) =>
    withModel(prices, { cacheWrite5m: write, cacheWrite1h: write }),
  CLAUDE_CACHE_READ_PRICE_PER_MTOK: (prices, cacheRead) => withModel(prices, { cacheRead }),
  ELEVENLABS_TTS_PRICE_PER_1K_CHARS: (prices, usd) => ({ ...prices, speechOverride: usd }),
  ELEVENLABS_STT_PRICE_PER_MIN: (prices, usd) => ({
    ...prices,
    recognition: unit(usd * minutesPerHour, 'hour'),
  }),
  TWILIO_INBOUND_PRICE_PER_MIN: (prices, usd) => ({ ...prices, inboundLeg: unit(usd, 'minute') }),
  TWILIO_INBOUND_TOLLFREE_PRICE_PER_MIN: (prices, usd) => ({
    ...prices,
    inboundTollFreeLeg: unit(usd, 'minute'),
  }),
  TWILIO_OUTBOUND_PRICE_PER_MIN: (prices, usd) => ({ ...prices, outboundLeg: unit(usd, 'minute') }),
  TWILIO_STREAM_PRICE_PER_MIN: (prices, usd) => ({ ...prices, mediaStream: unit(usd, 'minute') }),
  TWILIO_AMD_PRICE_PER_CALL: (prices, usd) => ({ ...prices, answeringMachineDetection: unit(usd, 'call') }),
  TWILIO_RECORDING_PRICE_PER_MIN: (prices, usd) => ({ ...prices, recording: unit(usd, 'minute') }),
  FARGATE_VCPU_PRICE_PER_HOUR: (prices, usd) => ({ ...prices, vcpu: unit(usd, 'hour') }),
  FARGATE_GB_PRICE_PER_HOUR: (prices, usd) => ({ ...prices, memoryGb: unit(usd, 'hour') }),
  FARGATE_TASK_VCPU: (prices, vcpu) => ({ ...prices, task: { ...prices.task, vcpu } }),
  FARGATE_TASK_MEMORY_GB: (prices, memoryGb) => ({ ...prices, task: { ...prices.task, memoryGb } }),
};

function withModel(prices: Prices, change: Prices['modelOverride']): Prices {
  return { ...prices, modelOverride: { ...prices.modelOverride, ...change } };
}

/** The names this module reads, for `.env.example` and for the processes' environment schemas. */
export const priceVariables: readonly string[] = ['PRICES', ...Object.keys(variables)];

/** Plain decimals only: `1e3`, `0x10` and `Infinity` are more likely mistakes than prices. */
const decimal = /^\d+(\.\d+)?$/;

/**
 * The table, then the document in `PRICES`, then single variables: each takes the place of what is before it.
 *
 * @param environment the process environment or a part of it; other names are ignored, an empty value is unset.
 * @param base the prices that are overridden.
 */
export function parsePriceOverrides(
  environment: Readonly<Record<string, string | undefined>>,
  base: Prices,
): PriceOverrides {
  const problems: PriceProblem[] = [];
  let prices = base;
  const document = environment['PRICES']?.trim() ?? '';
  if (document !== '') {
    const read = readPriceSettings(document);
    if (read.ok) prices = applyPriceSettings(prices, read.settings);
    else problems.push(...read.problems.map((problem) => ({ variable: 'PRICES', problem })));
  }
  for (const [variable, apply] of Object.entries(variables)) {
    const text = environment[variable]?.trim() ?? '';
    if (text === '') continue;
    if (decimal.test(text)) prices = apply(prices, Number(text));
    else
      problems.push({
        variable,
        problem: 'is not a price: set it to US dollars as a plain decimal, for example 0.25, or remove it',
      });
  }
  return problems.length === 0 ? { ok: true, prices } : { ok: false, problems };
}
