/** An account's own prices as one document: of a stage's settings, or of a file on one machine. */
import * as z from 'zod';
import { type ModelPrices, type Prices, type TokenPrices, tokenPrices, type UnitPrice } from './prices.ts';

const usd = z.number('must be US dollars as a number, such as 0.25').nonnegative('must not be below 0');
const source = z.string().min(1).max(200);
/** A price alone, or with where it was read. */
const price = z.union([usd, z.strictObject({ usd, source })], {
  error: 'must be US dollars as a number, or {"usd": …, "source": "…"}',
});
const name = z.string().min(1).max(128);

/** Dollars per million tokens. What is left out is kept from the table, or follows from `input`. */
const tokens = z.strictObject({
  input: usd.optional(),
  output: usd.optional(),
  cacheWrite5m: usd.optional(),
  cacheWrite1h: usd.optional(),
  cacheRead: usd.optional(),
});
const model = tokens.extend({
  /** The prices of a request whose prompt is longer. */
  longPrompt: tokens.extend({ overTokens: z.number().int().positive(), input: usd, output: usd }).optional(),
  source: source.optional(),
});

export const priceSettingsSchema = z.strictObject({
  /** Where the prices were read, such as the order form: kept with each of them that names no other source. */
  source: source.optional(),
  /** By Claude model id without date suffix, also of models that the table does not know. */
  models: z.record(name, model).optional(),
  /** By ElevenLabs model id. */
  speechPer1kChars: z.record(name, price).optional(),
  recognitionPerMin: price.optional(),
  twilio: z
    .strictObject({
      inboundPerMin: price.optional(),
      inboundTollFreePerMin: price.optional(),
      outboundPerMin: price.optional(),
      streamPerMin: price.optional(),
      amdPerCall: price.optional(),
      recordingPerMin: price.optional(),
    })
    .optional(),
  fargate: z.strictObject({ vcpuPerHour: price.optional(), memoryGbPerHour: price.optional() }).optional(),
  /** Dollars for one call of a tool, by its name; a tool that is not named costs nothing. */
  tools: z.record(name, price).optional(),
});
export type PriceSettings = z.infer<typeof priceSettingsSchema>;
type GivenPrice = z.infer<typeof price>;
type GivenModel = z.infer<typeof model>;

export type ReadPriceSettings =
  | { readonly ok: true; readonly settings: PriceSettings }
  /** One sentence a problem: the field and its mend, never a value. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** @param text JSON. */
export function readPriceSettings(text: string): ReadPriceSettings {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return { ok: false, problems: ['is not JSON'] };
  }
  const parsed = priceSettingsSchema.safeParse(given);
  if (parsed.success) return { ok: true, settings: parsed.data };
  return {
    ok: false,
    problems: parsed.error.issues.map(({ path, message }) =>
      path.length === 0 ? message : `${path.join('.')} ${message}`,
    ),
  };
}

const minutesPerHour = 60;

/** The table with these prices in place of its own. */
export function applyPriceSettings(prices: Prices, settings: PriceSettings): Prices {
  const usual = settings.source ?? 'settings';
  const of = (given: GivenPrice | undefined, before: UnitPrice, factor = 1): UnitPrice => {
    if (given === undefined) return before;
    const { usd: amount, source: read } = typeof given === 'number' ? { usd: given, source: usual } : given;
    return { usd: amount * factor, per: before.per, source: read, confirmed: true };
  };
  const all = (
    given: Readonly<Record<string, GivenPrice>> | undefined,
    per: UnitPrice['per'],
  ): Record<string, UnitPrice> =>
    Object.fromEntries(
      Object.entries(given ?? {}).map(([key, value]) => [
        key,
        of(value, { usd: null, per, source: usual, confirmed: true }),
      ]),
    );
  const { twilio = {}, fargate = {} } = settings;
  const models = Object.entries(settings.models ?? {}).map(([id, given]) => [
    id,
    withModel(Object.hasOwn(prices.models, id) ? prices.models[id] : undefined, given, usual),
  ]);
  return {
    ...prices,
    models: { ...prices.models, ...Object.fromEntries(models) },
    speech: { ...prices.speech, ...all(settings.speechPer1kChars, '1k-characters') },
    recognition: of(settings.recognitionPerMin, prices.recognition, minutesPerHour),
    inboundLeg: of(twilio.inboundPerMin, prices.inboundLeg),
    inboundTollFreeLeg: of(twilio.inboundTollFreePerMin, prices.inboundTollFreeLeg),
    outboundLeg: of(twilio.outboundPerMin, prices.outboundLeg),
    mediaStream: of(twilio.streamPerMin, prices.mediaStream),
    answeringMachineDetection: of(twilio.amdPerCall, prices.answeringMachineDetection),
    recording: of(twilio.recordingPerMin, prices.recording),
    vcpu: of(fargate.vcpuPerHour, prices.vcpu),
    memoryGb: of(fargate.memoryGbPerHour, prices.memoryGb),
    tools: { ...prices.tools, ...all(settings.tools, 'call') },
  };
}

/** A model that the table does not know has the usual cache factors; without an input price nothing of its is known. */
function withModel(before: ModelPrices | undefined, given: GivenModel, usual: string): ModelPrices {
  const { longPrompt, source: read = usual, ...own } = given;
  const long = longPrompt && { overTokens: longPrompt.overTokens, ...withTokens(undefined, longPrompt) };
  const kept = long ?? before?.longPrompt;
  return {
    ...withTokens(before, own),
    source: read,
    confirmed: true,
    ...(kept === undefined ? {} : { longPrompt: kept }),
  };
}

/** A new input price says nothing of the cache prices that the table has: those are kept unless given too. */
function withTokens(
  before: TokenPrices | undefined,
  given: Readonly<Partial<Record<keyof TokenPrices, number | undefined>>>,
): TokenPrices {
  const usual = given.input === undefined ? undefined : tokenPrices(given.input, given.output ?? 0);
  const of = (kind: keyof TokenPrices) => given[kind] ?? before?.[kind] ?? null;
  const cache = (kind: keyof TokenPrices) => given[kind] ?? before?.[kind] ?? usual?.[kind] ?? null;
  return {
    input: of('input'),
    output: of('output'),
    cacheWrite5m: cache('cacheWrite5m'),
    cacheWrite1h: cache('cacheWrite1h'),
    cacheRead: cache('cacheRead'),
  };
}
