/** Callers who stop in the middle of a sentence: who is cut off, and what patience costs everybody else. */
import { type ConversationSettings, defaultConversationSettings } from '#core/conversation/settings.ts';
import { createRandom, type Random } from '#tests/support/random.ts';
import { startVirtualCall } from '#tests/support/virtual-call.ts';
import { percentile, shareOf } from '../support/statistics.ts';
import { utterances } from './words.ts';

const perCall = 10;
/** Recognisers end a transcript with a full stop only when they are sure; without one, only time tells. */
const unpunctuatedShare = 0.2;

export interface Patience {
  readonly settings: Partial<ConversationSettings>;
  /** Utterances of which the caller heard an answer before they were finished. */
  readonly splitShare: number;
  /** From the end of an utterance to the turn, milliseconds, mean and 95th percentile. */
  readonly meanDelayMs: number;
  readonly p95DelayMs: number;
}

type Call = ReturnType<typeof startVirtualCall>;

/** @returns whether the caller heard the assistant before they went on. */
async function hesitate(call: Call, random: Random, pauseMs: number): Promise<boolean> {
  const words = random.pick(utterances).split(' ');
  const at = random.whole(1, words.length - 1);
  const [first, rest] = [words.slice(0, at).join(' '), words.slice(at).join(' ')];
  const before = call.phone.heard();
  await call.says(first);
  await call.clock.advance(pauseMs);
  const cutOff = call.phone.heard() !== before;
  await call.says(rest, first);
  await call.hearReply();
  return cutOff;
}

/** @returns from the caller's last word to the moment at which the turn was taken, milliseconds. */
async function speakWithoutPause(call: Call, random: Random): Promise<number | undefined> {
  const sentence = random.pick(utterances);
  const isPlain = random.next() < unpunctuatedShare;
  await call.says(isPlain ? sentence.slice(0, -1) : sentence);
  await call.hearReply();
  return call.telemetry.linesOf('call.turn').at(-1)?.endOfUtteranceDelayMs;
}

interface Crowd {
  readonly settings: Partial<ConversationSettings>;
  readonly utterances: number;
  readonly random: Random;
}

/** Ten utterances a call: a caller's habit is learned, so the first ones matter most. */
async function overCalls<T>(
  { settings, utterances: count, random }: Crowd,
  speak: (call: Call, random: Random) => Promise<T>,
): Promise<readonly T[]> {
  const results: T[] = [];
  for (let done = 0; done < count; done += perCall) {
    const conversation = { ...defaultConversationSettings, ...settings };
    const call = startVirtualCall({ settings: { conversation } });
    await call.hearReply();
    for (let i = 0; i < perCall; i += 1) results.push(await speak(call, random));
    await call.hangUp();
  }
  return results;
}

/** Callers who hesitate once in every utterance, and callers who never do. */
export async function measurePatience(
  settings: Partial<ConversationSettings>,
  options: { readonly utterances: number; readonly pauseMs: number },
): Promise<Patience> {
  const crowd = { settings, utterances: options.utterances, random: createRandom(1_187) };
  const splits = await overCalls(crowd, (call, random) => hesitate(call, random, options.pauseMs));
  const delaysMs = (await overCalls(crowd, speakWithoutPause)).filter((ms) => ms !== undefined);
  return {
    settings,
    splitShare: shareOf(splits, (split) => split),
    meanDelayMs: delaysMs.reduce((sum, ms) => sum + ms, 0) / delaysMs.length,
    p95DelayMs: percentile(delaysMs, 0.95),
  };
}
