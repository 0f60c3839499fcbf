/** Callers who make themselves heard while the assistant speaks: what stops, how fast, and what is remembered. */
import { wordsOf } from '#core/conversation/interruption.ts';
import { createRandom, type Random } from '#tests/support/random.ts';
import { startVirtualCall } from '#tests/support/virtual-call.ts';
import { backchannels, interruptions, replies, utterances } from './words.ts';

const perCall = 10;
/** A cough or a door, milliseconds of sound without words. */
const noiseMs = { from: 220, to: 500 } as const;

/** How a heard answer is recognised, and how long it is waited for. */
const endChars = 12;
const patienceMs = 20_000;
const stepMs = 200;

export interface Interruption {
  /** From the caller's first sound to the last sound of the assistant, milliseconds; undefined: it was over before. */
  readonly stoppedAfterMs: number | undefined;
  /** Words in the history less words that were played. */
  readonly wordsOff: number;
}

export interface Sound {
  readonly kind: 'backchannel' | 'noise';
  /** The reply was heard to its end. */
  readonly resumed: boolean;
  /** Words that were heard twice or not at all. */
  readonly wordsOff: number;
}

export interface BargeInRun {
  readonly interruptions: readonly Interruption[];
  readonly sounds: readonly Sound[];
}

type Call = ReturnType<typeof startVirtualCall>;

const repliedAfter = (heard: string, before: string) => wordsOf(heard.slice(before.length));

/** Asks something and waits until a random part of the answer was heard. @returns what was heard before it. */
async function reachAnswer(call: Call, random: Random): Promise<string> {
  await call.says(random.pick(utterances));
  const before = call.phone.heard();
  await call.clock.advanceUntil(() => call.phone.heard().length > before.length);
  await call.clock.advance(random.whole(200, 2_600));
  return before;
}

async function interrupt(call: Call, random: Random): Promise<Interruption> {
  const before = await reachAnswer(call, random);
  const startedAtMs = call.clock.nowMs();
  const words = random.pick(interruptions);
  const firstWordMs = 300;
  const wasPlaying = call.phone.isPlaying();
  const speaking = call.says(words);
  await speaking;
  const stoppedAtMs = call.phone.lastSoundAtMs();
  const played = repliedAfter(call.phone.heard(), before);
  await call.clock.advance(firstWordMs);
  const turns = await call.turns();
  const cut = turns.findLast(({ speaker }) => speaker === 'assistant');
  await call.hearReply();
  return {
    stoppedAfterMs: wasPlaying && cut?.interrupted ? stoppedAtMs - startedAtMs : undefined,
    wordsOff: Math.abs(wordsOf(cut?.text ?? '').length - played.length),
  };
}

async function makeSound(call: Call, random: Random, reply: () => string): Promise<Sound> {
  const before = await reachAnswer(call, random);
  const kind = random.pick(['backchannel', 'noise'] as const);
  if (kind === 'noise') await call.cough(random.whole(noiseMs.from, noiseMs.to));
  else await call.says(random.pick(backchannels));
  const end = reply().slice(-endChars);
  for (let waitedMs = 0; waitedMs < patienceMs && !call.phone.heard().endsWith(end); waitedMs += stepMs)
    await call.clock.advance(stepMs);
  await call.clock.advance(stepMs);
  const turns = await call.turns();
  const last = turns.findLast(({ speaker }) => speaker === 'assistant');
  const heard = repliedAfter(call.phone.heard(), before);
  return {
    kind,
    resumed: last?.interrupted === false && wordsOf(last.text).join(' ') === wordsOf(reply()).join(' '),
    wordsOff: Math.abs(heard.length - wordsOf(reply()).length),
  };
}

export async function measureBargeIns(
  count: number,
  seed: number,
  onProgress: (done: number) => void = () => undefined,
): Promise<BargeInRun> {
  const random = createRandom(seed);
  const found: { interruptions: Interruption[]; sounds: Sound[] } = { interruptions: [], sounds: [] };
  for (let done = 0; done < count; done += perCall) {
    let reply = '';
    const call = startVirtualCall({
      model: () => {
        reply = random.pick(replies);
        return { text: reply };
      },
    });
    await call.hearReply();
    for (let i = 0; i < perCall; i += 1) {
      if (random.next() < 0.5) found.interruptions.push(await interrupt(call, random));
      else found.sounds.push(await makeSound(call, random, () => reply));
      await call.clock.advance(300);
    }
    await call.hangUp();
    onProgress(done + perCall);
  }
  return found;
}
