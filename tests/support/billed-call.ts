/** A virtual call whose vendors keep books of their own: what they got and made, not what we say of it. */
import { priceOfModel, priceOfSpeech, defaultPrices as prices } from '#core/costs/prices.ts';
import type { ModelUsage } from '#core/costs/usage.ts';
import type { LanguageModel } from '#core/ports/language-model.ts';
import type { TextToSpeech } from '#core/ports/text-to-speech.ts';
import { startVirtualCall, type VirtualCallOptions } from './virtual-call.ts';

interface Request {
  readonly model: string;
  usage: ModelUsage | undefined;
  text: string;
  final: boolean;
}

export interface Bill {
  readonly requests: readonly Readonly<Request>[];
  readonly characters: number;
  readonly recognisedSecs: number;
  readonly connectedSecs: number;
  /** Seconds before its end that a killed process may have failed to store. */
  readonly missingSecs: number;
}

/** The simulated service's own count of a reply that was left before its end: a token for four characters, and 30 %. */
const tokensOf = (text: string) => Math.ceil((text.length / 4) * 1.3);

function billedModel(model: LanguageModel, requests: Request[]): LanguageModel {
  return {
    async *reply(request, options) {
      const entry: Request = { model: request.model, usage: undefined, text: '', final: false };
      requests.push(entry);
      for await (const part of model.reply(request, options)) {
        if (part.type === 'text-delta') entry.text += part.text;
        if (part.type === 'usage') {
          entry.usage = part.usage;
          entry.final = part.final;
        }
        yield part;
      }
    },
  };
}

function billedSpeech(speech: TextToSpeech, count: (characters: number) => void): TextToSpeech {
  return {
    open(options) {
      const session = speech.open(options);
      return {
        ...session,
        speak(text, speakOptions) {
          async function* counted() {
            for await (const piece of text) {
              count(piece.length);
              yield piece;
            }
          }
          return session.speak(counted(), speakOptions);
        },
      };
    },
  };
}

export function startBilledCall(options: VirtualCallOptions = {}) {
  const requests: Request[] = [];
  let characters = 0;
  const call = startVirtualCall({
    ...options,
    observe: ({ deps, stream }) => ({
      deps: {
        ...deps,
        languageModel: billedModel(deps.languageModel, requests),
        textToSpeech: billedSpeech(deps.textToSpeech, (more) => {
          characters += more;
        }),
      },
      stream,
    }),
  });
  let endedAtMs: number | undefined;
  return {
    ...call,
    async hangUp() {
      endedAtMs = call.clock.nowMs();
      await call.hangUp();
    },
    bill: ({ missingSecs = 0 } = {}): Bill => {
      const connectedSecs = (endedAtMs ?? call.clock.nowMs()) / 1000;
      return { requests, characters, recognisedSecs: connectedSecs, connectedSecs, missingSecs };
    },
  };
}

type Range = readonly [leastUsd: number, mostUsd: number];

/** What the vendors would charge; the least is what is known when the last seconds are missing. */
export function priceOfBill(
  bill: Bill,
): Record<'anthropic' | 'elevenlabs-tts' | 'elevenlabs-stt' | 'twilio', Range> {
  const exact = (usd: number): Range => [usd, usd];
  const perSec = (prices.recognition.usd ?? 0) / 3_600;
  const minutes = (secs: number) =>
    Math.ceil(secs / 60) * ((prices.inboundLeg.usd ?? 0) + (prices.mediaStream.usd ?? 0));
  const { connectedSecs, missingSecs } = bill;
  const least = Math.max(0, connectedSecs - missingSecs);
  return {
    anthropic: exact(bill.requests.reduce((sum, request) => sum + priceOfRequest(request), 0)),
    'elevenlabs-tts': exact((bill.characters / 1_000) * (priceOfSpeech(prices, 'eleven_flash_v2_5') ?? 0)),
    'elevenlabs-stt': [least * perSec, connectedSecs * perSec],
    twilio: [minutes(least), minutes(connectedSecs)],
  };
}

function priceOfRequest({ model, usage, text, final }: Readonly<Request>): number {
  if (usage === undefined) return 0;
  const price = priceOfModel(prices, model, usage.inputTokens + usage.cacheReadTokens);
  const output = final ? usage.outputTokens : Math.max(usage.outputTokens, tokensOf(text));
  const tokens = [usage.inputTokens, usage.cacheReadTokens, output];
  const perMtok = [price.input ?? 0, price.cacheRead ?? 0, price.output ?? 0];
  return tokens.reduce((sum, count, i) => sum + (count * (perMtok[i] ?? 0)) / 1e6, 0);
}
