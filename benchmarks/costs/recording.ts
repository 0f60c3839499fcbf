/** What counting costs a turn: one turn charged, the time-based meters, and the check against the budget. */
import { createLedger } from '#core/costs/ledger.ts';
import { defaultPrices } from '#core/costs/prices.ts';
import { callSidSchema } from '#core/ids.ts';
import { type Percentiles, percentilesOf } from '../support/percentiles.ts';

const calls = 50;
/** A long call. */
const turnsPerCall = 100;
const warmUpCalls = 5;

export async function measureRecording(): Promise<Percentiles> {
  const times: number[] = [];
  for (let call = 0; call < calls + warmUpCalls; call += 1) {
    const callSid = callSidSchema.parse(`CA${String(call).padStart(32, '0')}`);
    const ledger = createLedger({ callSid, prices: defaultPrices });
    for (let turn = 0; turn < turnsPerCall; turn += 1) {
      const at = new Date();
      const startedMs = performance.now();
      const tokens = {
        inputTokens: 80,
        cacheWrite5mTokens: 120,
        cacheWrite1hTokens: 0,
        cacheReadTokens: 4_000,
      };
      const outcome = 'used' as const;
      ledger.meter(
        `turn ${turn} request 0`,
        {
          kind: 'model',
          model: 'claude-haiku-5-5',
          usage: { ...tokens, outputTokens: 60 },
          outcome,
          estimated: false,
        },
        at,
      );
      const speech = { kind: 'speech', model: 'eleven_flash_v2_5', cached: false, estimated: true } as const;
      ledger.meter(`turn ${turn}`, { ...speech, characters: 180, outcome }, at);
      const seconds = (turn + 1) * 12;
      ledger.meter('call', { kind: 'recognition', seconds }, at);
      ledger.meter('call', { kind: 'call-leg', direction: 'inbound', seconds }, at);
      ledger.meter('call', { kind: 'media-stream', seconds }, at);
      ledger.meter('call', { kind: 'compute', seconds, share: 0.01 }, at);
      ledger.knownUsd();
      ledger.pending();
      if (call >= warmUpCalls) times.push(performance.now() - startedMs);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return percentilesOf(times);
}
