/** From a paid interaction to the cost events that record it. */
import type { CallSid } from '../ids.ts';
import type { CostEvent, CostService } from './cost-event.ts';
import { roundSecs, roundUsd } from './money.ts';
import { type Prices, priceOfModel, priceOfSpeech, priceOfTaskSec, type UnitPrice } from './prices.ts';
import type { ModelUsage } from './usage.ts';

type ChargeOutcome = CostEvent['outcome'];

/**
 * Something that costs money, as it happened, whether or not it succeeded.
 * - `model`: one request. `wasted`: nobody heard the reply; `failed`: it broke off with an error
 * - `speech`: characters handed to the speech service, or spoken from a recorded phrase (`cached`, free)
 * - `recognition`: seconds of audio sent to the recogniser
 * - `call-leg`: one leg of a call. Charge it once, with its whole duration: Twilio rounds each leg up to a minute
 * - `media-stream`: one stream, rounded up like a leg (Twilio does not publish how)
 * - `tool`: one call of a tool that has a price
 * - `compute`: a share (0 to 1) of one media-service task for some seconds
 */
export type Charge =
  | {
      readonly kind: 'model';
      readonly model: string;
      readonly usage: ModelUsage;
      readonly outcome: ChargeOutcome;
      readonly estimated: boolean;
    }
  | {
      readonly kind: 'speech';
      readonly model: string;
      readonly characters: number;
      readonly cached: boolean;
      readonly outcome: ChargeOutcome;
      readonly estimated: boolean;
    }
  | { readonly kind: 'recognition'; readonly seconds: number }
  | {
      readonly kind: 'call-leg';
      readonly direction: 'inbound' | 'outbound';
      readonly seconds: number;
      readonly tollFree?: boolean;
    }
  | { readonly kind: 'media-stream'; readonly seconds: number }
  | { readonly kind: 'answering-machine-detection' }
  | { readonly kind: 'recording'; readonly seconds: number }
  | { readonly kind: 'tool'; readonly name: string; readonly outcome: ChargeOutcome }
  | { readonly kind: 'compute'; readonly seconds: number; readonly share: number };

/** What was bought: the words of `CostEvent.operation`, on which the summary is built. */
export const operations = {
  input: 'input-tokens',
  cacheWrite5m: 'cache-write-5m-tokens',
  cacheWrite1h: 'cache-write-1h-tokens',
  cacheRead: 'cache-read-tokens',
  output: 'output-tokens',
  live: 'live-characters',
  recorded: 'recorded-characters',
  recognition: 'recognition-seconds',
  inbound: 'inbound-minutes',
  inboundTollFree: 'inbound-tollfree-minutes',
  outbound: 'outbound-minutes',
  stream: 'stream-minutes',
  machineDetection: 'machine-detection',
  recording: 'recording-minutes',
  tool: 'tool-call',
  compute: 'task-seconds',
} as const;

export interface ChargeContext {
  readonly callSid: CallSid;
  /** `seq` of the first event made. */
  readonly seq: number;
  readonly at: Date;
  readonly prices: Prices;
}

type Line = Omit<CostEvent, 'callSid' | 'seq' | 'at' | 'costUsd'>;

const perMillion = 1_000_000;
const perThousand = 1_000;
const secsPerMin = 60;
const secsPerHour = 3_600;

/** Nothing bought costs nothing, whatever one would have cost. */
function costOf(usage: number, unitPriceUsd: number | null): number | null {
  if (usage === 0) return 0;
  return unitPriceUsd === null ? null : roundUsd(usage * unitPriceUsd);
}

function modelLines(charge: Extract<Charge, { kind: 'model' }>, prices: Prices): Line[] {
  const { usage } = charge;
  const promptTokens =
    usage.inputTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens + usage.cacheReadTokens;
  const price = priceOfModel(prices, charge.model, promptTokens);
  const line = (operation: string, tokens: number, perMtok: number | null): Line => ({
    service: 'anthropic',
    operation,
    usage: tokens,
    unit: 'token',
    unitPriceUsd: perMtok === null ? null : perMtok / perMillion,
    model: charge.model,
    outcome: charge.outcome,
    estimated: charge.estimated,
  });
  const uncachedUnitPriceUsd = price.input === null ? null : price.input / perMillion;
  const cacheLine = (...parts: Parameters<typeof line>): Line => ({
    ...line(...parts),
    uncachedUnitPriceUsd,
  });
  const lines = [
    line(operations.input, usage.inputTokens, price.input),
    cacheLine(operations.cacheWrite5m, usage.cacheWrite5mTokens, price.cacheWrite5m),
    cacheLine(operations.cacheWrite1h, usage.cacheWrite1hTokens, price.cacheWrite1h),
    cacheLine(operations.cacheRead, usage.cacheReadTokens, price.cacheRead),
    line(operations.output, usage.outputTokens, price.output),
  ];
  const bought = lines.filter(({ usage: tokens }) => tokens > 0);
  // A request that failed before anything was counted still leaves its trace.
  return bought.length > 0 ? bought : lines.slice(0, 1);
}

function speechLine(charge: Extract<Charge, { kind: 'speech' }>, prices: Prices): Line {
  const per1kChars = priceOfSpeech(prices, charge.model);
  const livePrice = per1kChars === null ? null : per1kChars / perThousand;
  return {
    service: 'elevenlabs-tts',
    operation: charge.cached ? operations.recorded : operations.live,
    usage: charge.characters,
    unit: 'character',
    unitPriceUsd: charge.cached ? 0 : livePrice,
    model: charge.model,
    outcome: charge.outcome,
    estimated: charge.estimated,
  };
}

/** Durations are our own measure, so they are estimates until reconciled with the vendor's count. */
const measured = { outcome: 'used', estimated: true } as const;

function minutesLine(operation: string, seconds: number, price: UnitPrice): Line {
  return {
    service: 'twilio',
    operation,
    usage: Math.ceil(roundSecs(seconds) / secsPerMin),
    unit: 'minute',
    unitPriceUsd: price.usd,
    measuredSecs: roundSecs(seconds),
    ...measured,
  };
}

function secondsLine(service: CostService, operation: string, seconds: number, price: number | null): Line {
  return { service, operation, usage: roundSecs(seconds), unit: 'second', unitPriceUsd: price, ...measured };
}

function legLine(charge: Extract<Charge, { kind: 'call-leg' }>, prices: Prices): Line {
  if (charge.direction === 'outbound')
    return minutesLine(operations.outbound, charge.seconds, prices.outboundLeg);
  return charge.tollFree === true
    ? minutesLine(operations.inboundTollFree, charge.seconds, prices.inboundTollFreeLeg)
    : minutesLine(operations.inbound, charge.seconds, prices.inboundLeg);
}

function computeLine(charge: Extract<Charge, { kind: 'compute' }>, prices: Prices): Line {
  return secondsLine('fargate', operations.compute, charge.seconds * charge.share, priceOfTaskSec(prices));
}

function toolLine({ name, outcome }: Extract<Charge, { kind: 'tool' }>, prices: Prices): Line {
  const price = Object.hasOwn(prices.tools, name) ? prices.tools[name] : undefined;
  const bought = { usage: 1, unit: 'call', unitPriceUsd: price?.usd ?? null } as const;
  return { service: 'tools', operation: `${operations.tool}:${name}`, ...bought, outcome, estimated: true };
}

function linesOf(charge: Charge, prices: Prices): readonly Line[] {
  switch (charge.kind) {
    case 'model':
      return modelLines(charge, prices);
    case 'speech':
      return [speechLine(charge, prices)];
    case 'recognition': {
      const perHour = prices.recognition.usd;
      const perSec = perHour === null ? null : perHour / secsPerHour;
      return [secondsLine('elevenlabs-stt', operations.recognition, charge.seconds, perSec)];
    }
    case 'call-leg':
      return [legLine(charge, prices)];
    case 'media-stream':
      return [minutesLine(operations.stream, charge.seconds, prices.mediaStream)];
    case 'recording':
      return [minutesLine(operations.recording, charge.seconds, prices.recording)];
    case 'answering-machine-detection': {
      const unitPriceUsd = prices.answeringMachineDetection.usd;
      const bought = { usage: 1, unit: 'call', unitPriceUsd } as const;
      return [{ service: 'twilio', operation: operations.machineDetection, ...bought, ...measured }];
    }
    case 'tool':
      return [toolLine(charge, prices)];
    case 'compute':
      return [computeLine(charge, prices)];
  }
}

/** @returns at least one event, numbered on from `context.seq`. A cost is `null` when the price is unknown. */
export function priceCharge(charge: Charge, context: ChargeContext): readonly CostEvent[] {
  return linesOf(charge, context.prices).map((line, index) => ({
    callSid: context.callSid,
    seq: context.seq + index,
    at: context.at.toISOString(),
    ...line,
    costUsd: costOf(line.usage, line.unitPriceUsd),
  }));
}
