/** The longest a caller hears nothing while it is the assistant's turn, whatever fails behind it. */
import { ProviderError } from '#core/errors.ts';
import { createRandom, type Random } from '#tests/support/random.ts';
import type { ScriptedReply } from '#tests/support/scripted-ports.ts';
import { startVirtualCall } from '#tests/support/virtual-call.ts';
import { replies, utterances } from './words.ts';

const turnsPerCall = 6;
/** An answer takes no longer than this, even one that is given up. */
const answerLimitMs = 40_000;

const overloaded = () => new ProviderError('Overloaded', { provider: 'anthropic', failure: 'overloaded' });
const toolNames = ['case_find_hearing', 'notes_save'] as const;

export const faults = [
  'none',
  'model slow',
  'model very slow',
  'model dead',
  'model overloaded once',
  'model overloaded',
  'tool slow',
  'tool dead',
  'speech slow',
  'speech fails once',
  'recogniser never commits',
  'recogniser lost',
] as const;
export type Fault = (typeof faults)[number];

export interface Silence {
  readonly fault: Fault;
  readonly longestMs: number;
}

type Call = ReturnType<typeof startVirtualCall>;

function replyUnder(fault: Fault, random: Random, attempt: number): ScriptedReply {
  const text = random.pick(replies);
  switch (fault) {
    case 'model slow':
      return { text, firstTokenMs: random.whole(900, 2_500) };
    case 'model very slow':
      return { text, firstTokenMs: random.whole(2_500, 9_000) };
    case 'model dead':
      return { stalls: true };
    case 'model overloaded once':
      return attempt === 0 ? { fails: overloaded(), firstTokenMs: random.whole(50, 1_500) } : { text };
    case 'model overloaded':
      return { fails: overloaded(), firstTokenMs: random.whole(50, 1_500) };
    case 'tool slow':
    case 'tool dead':
      return attempt === 0 ? { tools: [{ name: random.pick(toolNames) }] } : { text };
    default:
      return { text };
  }
}

function breakPorts(call: Call, fault: Fault, random: Random): void {
  call.speech.firstAudioMs = fault === 'speech slow' ? random.whole(400, 2_400) : 75;
  call.speech.failures = fault === 'speech fails once' ? 1 : 0;
  call.recogniser.commitDelayMs = fault === 'recogniser never commits' ? undefined : 150;
  if (fault === 'recogniser lost') call.recogniser.fail();
}

/** @returns undefined when the call ended with the turn. */
async function oneTurn(call: Call, fault: Fault, random: Random): Promise<Silence | undefined> {
  breakPorts(call, fault, random);
  const commits = call.recogniser.commits;
  await call.says(random.pick(utterances));
  await call.clock.advanceUntil(
    () => call.recogniser.commits > commits || call.phone.closed() !== 'no',
    answerLimitMs,
  );
  const takenAtMs = call.clock.nowMs();
  const before = call.telemetry.linesOf('call.turn').length;
  const isOver = () => call.telemetry.linesOf('call.turn').length > before || call.phone.closed() !== 'no';
  await call.clock.advanceUntil(isOver, answerLimitMs);
  if (call.phone.closed() !== 'no') return undefined;
  return { fault, longestMs: call.phone.longestSilenceMs(takenAtMs, call.phone.lastSoundAtMs()) };
}

export async function measureSilences(calls: number): Promise<readonly Silence[]> {
  const random = createRandom(3_000);
  const found: Silence[] = [];
  for (let i = 0; i < calls; i += 1) {
    let fault: Fault = 'none';
    let attempt = 0;
    const slowTool = () => ({
      afterMs: fault === 'tool dead' ? 4_000 : random.whole(500, 3_900),
      content: 'Found.',
    });
    const call = startVirtualCall({
      model: () => replyUnder(fault, random, attempt++),
      tools: Object.fromEntries(toolNames.map((name) => [name, slowTool])),
    });
    await call.hearReply();
    for (let turn = 0; turn < turnsPerCall; turn += 1) {
      fault = random.pick(faults);
      attempt = 0;
      const silence = await oneTurn(call, fault, random);
      if (!silence) break;
      found.push(silence);
      await call.clock.advanceUntil(() => !call.phone.isPlaying(), answerLimitMs);
      await call.clock.advance(500);
    }
    if (call.phone.closed() === 'no') await call.hangUp();
  }
  return found;
}
