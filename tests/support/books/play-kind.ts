/** One round of calls of one kind, with what befalls them. */
import { setTimeout as delay } from 'node:timers/promises';
import type { CallLedger } from '#local/twilio/ledger.ts';
import { createRandom, type Random } from '#tests/support/random.ts';
import { eventually } from '#tests/support/running-stack.ts';
import { type CallKind, type PlanLengths, planCall } from './plan.ts';
import { runCalls } from './run-calls.ts';
import type { World } from './world.ts';

export interface KindOptions {
  readonly kind: CallKind;
  readonly calls: number;
  readonly seed: number;
  readonly atOnce: number;
  readonly lengths?: Partial<PlanLengths>;
  /** Whether another machine is started for one that is taken away; default yes. */
  readonly replaces?: boolean;
}

/** Each is one failure of a vendor; how many befall a round depends on its calls. */
const faults = [
  ['anthropic', { kind: 'status', status: 529 }],
  ['anthropic', { kind: 'mid-stream-error' }],
  ['anthropic', { kind: 'stall' }],
  ['anthropic', { kind: 'cut' }],
  ['anthropic', { kind: 'no-message-stop' }],
  ['anthropic', { kind: 'hang' }],
  ['elevenlabs', { on: 'tts', kind: 'cut' }],
  ['elevenlabs', { on: 'tts', kind: 'stall' }],
  ['elevenlabs', { on: 'tts', kind: 'error-frame', code: 'something_went_wrong' }],
  ['elevenlabs', { on: 'stt', kind: 'cut' }],
  ['elevenlabs', { on: 'stt', kind: 'error-frame', code: 'transcriber_error' }],
  ['elevenlabs', { on: 'stt', kind: 'lose-commit' }],
] as const;

const dialEveryMs = 250;
const faultEveryMs = 400;
/** Until calls of every age are on the machine that is taken away. */
const warmUpMs = 3_000;

async function breakThings(world: World, count: number, random: Random): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    await delay(faultEveryMs);
    const [vendor, fault] = random.pick(faults);
    await world.fail(vendor, fault);
  }
}

/** A machine is taken away while calls are on it, and others serve. */
async function takeAway(
  world: World,
  how: 'killBusiest' | 'drainBusiest',
  { replaces = true }: Pick<KindOptions, 'replaces'>,
): Promise<void> {
  if (replaces) await world.fleet.grow(1);
  await eventually(() => (world.fleet.callsOnBusiest() > 0 ? true : undefined), 30_000);
  await delay(warmUpMs);
  world.fleet[how]();
}

function befall(world: World, options: KindOptions, random: Random): Promise<void> {
  const { kind, calls } = options;
  switch (kind) {
    case 'failing vendors':
      return breakThings(world, calls, random);
    case 'killed':
      return takeAway(world, 'killBusiest', options);
    case 'handed over':
      return takeAway(world, 'drainBusiest', options);
    default:
      return Promise.resolve();
  }
}

/** @returns the carrier's ledgers of the calls. */
export async function playKind(world: World, options: KindOptions): Promise<readonly CallLedger[]> {
  const { kind, calls, seed, atOnce, lengths } = options;
  const random = createRandom(seed);
  const plans = Array.from({ length: calls }, (_, i) => planCall(kind, seed * 1_000 + i, random, lengths));
  const running = runCalls(world, plans, { atOnce, everyMs: dialEveryMs });
  const [ledgers] = await Promise.all([running, befall(world, options, random)]);
  return ledgers;
}
