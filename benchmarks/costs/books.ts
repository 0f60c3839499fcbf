/** Random calls on a virtual clock: our sum against what vendors with books of their own would charge. */
import { ProviderError } from '#core/errors.ts';
import { type Bill, priceOfBill, startBilledCall } from '#tests/support/billed-call.ts';

const services = ['anthropic', 'elevenlabs-tts', 'elevenlabs-stt', 'twilio'] as const;
const utterances = [
  'can you help me please.',
  'what is a custody order.',
  'when is my hearing?',
  'okay thank you.',
];
const kinds = ['normal', 'interrupted', 'failing', 'hung-up'] as const;

export interface BooksFigures {
  readonly calls: number;
  readonly summaries: number;
  readonly byService: readonly {
    readonly service: string;
    readonly oursUsd: number;
    readonly theirsUsd: number;
  }[];
}

/** mulberry32 */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function makeCall(seed: number) {
  const next = random(seed);
  const kind = kinds[Math.floor(next() * kinds.length)];
  const cut = new ProviderError('Cut', { provider: 'anthropic', failure: 'unavailable' });
  const call = startBilledCall({
    model: (_request, nth) =>
      kind === 'failing' && nth % 2 === 0
        ? { text: 'Half of an', fails: cut }
        : { text: 'Here is what I know about it. There is more to say, if you want to hear it.' },
  });
  await call.hearReply();
  const turns = 1 + Math.floor(next() * 3);
  for (let turn = 0; turn < turns; turn += 1) {
    await call.says(utterances[Math.floor(next() * utterances.length)] ?? '');
    if (kind === 'interrupted') {
      await call.clock.advance(900 + Math.floor(next() * 800));
      await call.says('no wait I have another question.');
    }
    if (kind === 'hung-up' && turn === turns - 1) await call.clock.advance(300 + Math.floor(next() * 1_500));
    else await call.hearReply();
  }
  await call.hangUp();
  const ours = (await call.record())?.costSummary?.costByService ?? {};
  const bill: Bill = call.bill();
  return { ours, bill: priceOfBill(bill), summaries: call.telemetry.linesOf('cost.call.summary').length };
}

export async function measureBooks(calls: number): Promise<BooksFigures> {
  const sums = services.map((service) => ({ service, oursUsd: 0, theirsUsd: 0 }));
  let summaries = 0;
  for (let seed = 1; seed <= calls; seed += 1) {
    const made = await makeCall(seed);
    summaries += made.summaries;
    for (const sum of sums) {
      sum.oursUsd += made.ours[sum.service] ?? 0;
      sum.theirsUsd += made.bill[sum.service][1];
    }
  }
  return { calls, summaries, byService: sums };
}
