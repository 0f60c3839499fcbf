/**
 * What everything costs: one table, in US dollars, each line with its source. List prices of November 2026;
 * an account's own prices differ, so each can be overridden (`price-settings.ts`, `price-overrides.ts`). A price that is not here is
 * `null`, never 0: an unknown cost has to be seen.
 */

/** Where a price was read. `confirmed: false`: from a third party, or sources disagree; check the contract. */
export interface PriceSource {
  readonly source: string;
  readonly confirmed: boolean;
}

/** Dollars per million tokens. */
export interface TokenPrices {
  readonly input: number | null;
  readonly cacheWrite5m: number | null;
  readonly cacheWrite1h: number | null;
  readonly cacheRead: number | null;
  readonly output: number | null;
}

export interface ModelPrices extends TokenPrices, PriceSource {
  /** Another price for the whole request when its prompt (input, cache writes and reads) is longer. */
  readonly longPrompt?: TokenPrices & { readonly overTokens: number };
}

/** One price, in dollars for one `per`. */
export interface UnitPrice extends PriceSource {
  readonly usd: number | null;
  readonly per: 'minute' | 'hour' | '1k-characters' | 'call';
}

export interface Prices {
  /** By Claude model id, without date suffix. */
  readonly models: Readonly<Record<string, ModelPrices>>;
  /** Takes the place of the table for every model, known or not. */
  readonly modelOverride: Partial<TokenPrices>;
  /** By ElevenLabs model id. */
  readonly speech: Readonly<Record<string, UnitPrice>>;
  readonly speechOverride: number | undefined;
  readonly recognition: UnitPrice;
  readonly inboundLeg: UnitPrice;
  readonly inboundTollFreeLeg: UnitPrice;
  readonly outboundLeg: UnitPrice;
  readonly mediaStream: UnitPrice;
  readonly answeringMachineDetection: UnitPrice;
  readonly recording: UnitPrice;
  /** By tool name; a tool that is not here costs nothing. */
  readonly tools: Readonly<Record<string, UnitPrice>>;
  readonly vcpu: UnitPrice;
  readonly memoryGb: UnitPrice;
  /** Size of one media-service task: what a share of it costs. */
  readonly task: { readonly vcpu: number; readonly memoryGb: number };
}

/** Cache prices as factors of the input price, where the vendor's page shows no other (prompt caching page). */
const cacheFactors = { write5m: 1.25, write1h: 2, read: 0.1 };

/** What follows from the two prices that a model has at least. */
export function tokenPrices(
  input: number,
  output: number,
  cacheRead = input * cacheFactors.read,
): TokenPrices {
  return {
    input,
    cacheWrite5m: input * cacheFactors.write5m,
    cacheWrite1h: input * cacheFactors.write1h,
    cacheRead,
    output,
  };
}

const claudePage: PriceSource = {
  source: 'https://platform.claude.com/docs/en/about-claude/pricing (2026-11)',
  confirmed: true,
};
const claudeUnsure: PriceSource = {
  source: `${claudePage.source}, cache read price unsure`,
  confirmed: false,
};

const opus5 = { ...tokenPrices(5, 25), ...claudePage };

const models: Record<string, ModelPrices> = {
  'claude-haiku-5-5': {
    ...tokenPrices(0.1, 0.5, 0.01),
    ...claudePage,
    longPrompt: { ...tokenPrices(0.5, 2.5, 0.05), overTokens: 100_000 },
  },
  // Sources give 0.10 and 0.20 for a cache read: the dearer one, so that a budget is not overrun unseen.
  'claude-sonnet-5-5': { ...tokenPrices(2, 10, 0.2), ...claudeUnsure },
  'claude-opus-5-5': { ...tokenPrices(4, 20, 0.2), ...claudePage },
  'claude-haiku-4-5': { ...tokenPrices(1, 5, 0.1), ...claudePage },
  'claude-sonnet-5': { ...tokenPrices(2, 10, 0.2), ...claudePage },
  'claude-sonnet-4-6': { ...tokenPrices(3, 15, 0.3), ...claudePage },
  'claude-opus-5': opus5,
  'claude-opus-4-8': opus5,
  'claude-opus-4-7': opus5,
  'claude-opus-4-6': opus5,
  'claude-opus-4-5': opus5,
  'claude-fable-5-1': { ...tokenPrices(10, 50, 0.25), ...claudePage },
  'claude-fable-5-2': { ...tokenPrices(8, 40), ...claudeUnsure },
};

const thirdParty = (source: string): PriceSource => ({ source, confirmed: false });

const flash: UnitPrice = {
  usd: 0.06,
  per: '1k-characters',
  ...thirdParty('ElevenLabs API list price for flash and turbo, secondary sources (2026)'),
};
const multilingual: UnitPrice = {
  usd: 0.12,
  per: '1k-characters',
  ...thirdParty('ElevenLabs API list price for multilingual, secondary sources (2026)'),
};

/** Twilio's US voice prices; the Pricing API (`pricing.twilio.com/v2/Voice/Countries/US`) has the account's own. */
const twilioArticle = thirdParty('Twilio help article on US voice prices, and resellers (2026)');
const fargateArm: PriceSource = {
  source: 'https://aws.amazon.com/fargate/pricing/ Linux/ARM, us-east-1 (2026)',
  confirmed: true,
};

export const defaultPrices: Prices = {
  models,
  modelOverride: {},
  speech: {
    eleven_flash_v2_5: flash,
    eleven_flash_v2: flash,
    eleven_turbo_v2_5: flash,
    eleven_turbo_v2: flash,
    eleven_multilingual_v2: multilingual,
  },
  speechOverride: undefined,
  recognition: {
    usd: 0.39,
    per: 'hour',
    ...thirdParty('ElevenLabs Scribe v2 realtime, pay as you go, secondary source (2026)'),
  },
  inboundLeg: { usd: 0.0085, per: 'minute', ...twilioArticle },
  inboundTollFreeLeg: { usd: 0.022, per: 'minute', ...twilioArticle },
  outboundLeg: { usd: 0.014, per: 'minute', ...thirdParty('Resellers of Twilio voice to the US (2026)') },
  mediaStream: { usd: 0.004, per: 'minute', ...thirdParty('No published source; Twilio community figures') },
  answeringMachineDetection: { usd: 0.0075, per: 'call', ...thirdParty('Twilio developer material (2026)') },
  recording: { usd: 0.0025, per: 'minute', ...twilioArticle },
  tools: {},
  vcpu: { usd: 0.03238, per: 'hour', ...fargateArm },
  memoryGb: { usd: 0.00356, per: 'hour', ...fargateArm },
  task: { vcpu: 0.5, memoryGb: 1 },
};

/** `claude-haiku-4-5-20251001` is billed as `claude-haiku-4-5`. */
const dateSuffix = /-\d{8}$/;

const unknownModel: TokenPrices = {
  input: null,
  cacheWrite5m: null,
  cacheWrite1h: null,
  cacheRead: null,
  output: null,
};

/**
 * @param promptTokens input, cache writes and cache reads together: some models cost more above a prompt length.
 * @returns dollars per million tokens; `null` where the price is unknown.
 */
export function priceOfModel(prices: Prices, model: string, promptTokens: number): TokenPrices {
  const id = model.replace(dateSuffix, '');
  const listed = Object.hasOwn(prices.models, id) ? prices.models[id] : undefined;
  const tier = listed?.longPrompt && promptTokens > listed.longPrompt.overTokens ? listed.longPrompt : listed;
  return { ...(tier ?? unknownModel), ...prices.modelOverride };
}

/** @returns dollars per thousand characters, or `null`. */
export function priceOfSpeech(prices: Prices, model: string): number | null {
  if (prices.speechOverride !== undefined) return prices.speechOverride;
  return Object.hasOwn(prices.speech, model) ? (prices.speech[model]?.usd ?? null) : null;
}

const secsPerHour = 3_600;

/** @returns dollars for one second of one media-service task, or `null`. */
export function priceOfTaskSec({ vcpu, memoryGb, task }: Prices): number | null {
  if (vcpu.usd === null || memoryGb.usd === null) return null;
  return (vcpu.usd * task.vcpu + memoryGb.usd * task.memoryGb) / secsPerHour;
}
