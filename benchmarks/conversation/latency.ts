/** How long callers wait for an answer, with every vendor at its published delay. */
import { defaultConversationSettings } from '#core/conversation/settings.ts';
import { createRandom, type Random } from '#tests/support/random.ts';
import { startVirtualCall } from '#tests/support/virtual-call.ts';
import { replies, utterances } from './words.ts';

export const publishedDelays = { recogniserMs: 150, firstTokenMs: 400, firstAudioMs: 75 } as const;
/** Words of which the final form differs from what was shown before, in this share of turns. */
const correctedShare = 0.03;
const turnsPerCall = 10;

export interface LatencyRun {
  /** From the caller's last sound to the first sound of the answer, per turn, milliseconds. */
  readonly latenciesMs: readonly number[];
  readonly requests: number;
  /** Requests whose reply nobody heard. */
  readonly discarded: number;
  readonly wastedTokens: number;
  /** Of the language model, US dollars: all, and what the same turns cost without a discarded reply. */
  readonly modelUsd: number;
}

async function oneCall(random: Random, draftsMax: number, interimDelayMs: number) {
  const call = startVirtualCall({
    interimDelayMs,
    model: () => ({ text: random.pick(replies), firstTokenMs: publishedDelays.firstTokenMs }),
    settings: { conversation: { ...defaultConversationSettings, draftsMax } },
  });
  call.recogniser.commitDelayMs = publishedDelays.recogniserMs;
  call.speech.firstAudioMs = publishedDelays.firstAudioMs;
  await call.hearReply();
  for (let turn = 0; turn < turnsPerCall; turn += 1) {
    const words = random.pick(utterances);
    if (random.next() < correctedShare) call.recogniser.nextCommitted = `${words.slice(0, -1)} today.`;
    await call.says(words);
    await call.hearReply();
    await call.clock.advance(random.whole(100, 900));
  }
  await call.hangUp();
  const [summary] = call.telemetry.linesOf('cost.call.summary');
  const turns = call.telemetry.linesOf('call.turn');
  return {
    latenciesMs: turns.flatMap(({ responseLatencyMs }) =>
      responseLatencyMs === undefined ? [] : [responseLatencyMs],
    ),
    requests: call.model.requests.length,
    wastedTokens: summary?.claudeWastedTokens ?? 0,
    modelUsd: summary?.costByService['anthropic'] ?? 0,
  };
}

/** @param draftsMax 0 answers only words that are final. */
export async function measureLatency(
  turns: number,
  draftsMax: number,
  interimDelayMs: number,
): Promise<LatencyRun> {
  const random = createRandom(20_261_121);
  const calls = [];
  for (let i = 0; i < turns / turnsPerCall; i += 1)
    calls.push(await oneCall(random, draftsMax, interimDelayMs));
  const requests = calls.reduce((sum, call) => sum + call.requests, 0);
  return {
    latenciesMs: calls.flatMap((call) => call.latenciesMs),
    requests,
    discarded: requests - turns,
    wastedTokens: calls.reduce((sum, call) => sum + call.wastedTokens, 0),
    modelUsd: calls.reduce((sum, call) => sum + call.modelUsd, 0),
  };
}
