/** Words of danger: how many the rule hears, how often it hears too much, and how soon help is named. */
import { detectCrisis } from '#core/conversation/crisis.ts';
import { ProviderError } from '#core/errors.ts';
import { nearMisses, trueCases } from '#tests/fixtures/crisis-corpus.ts';
import { createRandom } from '#tests/support/random.ts';
import { startVirtualCall } from '#tests/support/virtual-call.ts';
import { shareOf } from '../support/statistics.ts';

export interface CrisisRun {
  readonly trueCases: number;
  readonly caughtShare: number;
  readonly nearMisses: number;
  readonly falseAlarmShare: number;
  /** From the caller's last word to the first sound of the message with every model dead, milliseconds. */
  readonly messageAfterMs: readonly number[];
}

const overloaded = () => new ProviderError('Overloaded', { provider: 'anthropic', failure: 'overloaded' });

async function helpAfterMs(words: string, dead: 'refuses' | 'stalls'): Promise<number> {
  const call = startVirtualCall({
    model: () => (dead === 'stalls' ? { stalls: true } : { fails: overloaded() }),
  });
  await call.hearReply();
  const before = call.phone.heard();
  await call.says(words);
  const spokenAtMs = call.clock.nowMs();
  await call.clock.advanceUntil(() => call.phone.heard().length > before.length);
  const heardAfterMs = call.clock.nowMs() - spokenAtMs;
  await call.hangUp();
  return heardAfterMs;
}

export async function measureCrisis(calls: number): Promise<CrisisRun> {
  const random = createRandom(911);
  const danger = Object.values(trueCases).flat();
  const messageAfterMs: number[] = [];
  for (let i = 0; i < calls; i += 1)
    messageAfterMs.push(await helpAfterMs(`${random.pick(danger)}.`, i % 2 === 0 ? 'refuses' : 'stalls'));
  return {
    trueCases: danger.length,
    caughtShare: shareOf(danger, (words) => detectCrisis(words) !== undefined),
    nearMisses: nearMisses.length,
    falseAlarmShare: shareOf(nearMisses, (words) => detectCrisis(words) !== undefined),
    messageAfterMs,
  };
}
