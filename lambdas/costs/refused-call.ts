/** A caller who was refused by a sentence: the carrier bills a minute for it, so its record has a summary too. */
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import { legEstimateNumber } from '#core/costs/event-numbers.ts';
import { priceCharge } from '#core/costs/price-charge.ts';
import { summarise } from '#core/costs/summarise.ts';
import { reportProviderOrThrow } from '../failures.ts';
import type { Services } from '../services.ts';

/** The sentence and a pause; every started minute is billed. */
const refusalSecs = 10;

/** Never rejects for a store that is away: the caller hears the sentence all the same. */
export async function closeRefusedCall(claims: StreamClaims, services: Services): Promise<void> {
  const { clock, config, store, telemetry } = services;
  const { callSid, role, direction, tollFree } = claims;
  const now = clock.now();
  const at = now.toISOString();
  const charge = { kind: 'call-leg', direction: 'inbound', seconds: refusalSecs } as const;
  const events = priceCharge(
    { ...charge, tollFree: tollFree ?? false },
    { callSid, seq: legEstimateNumber, at: now, prices: config.prices },
  );
  const costSummary = summarise(events);
  const call = { outcome: 'refused', durationSecs: refusalSecs, turnCount: 0 } as const;
  try {
    await store.putCostEvents(events);
    if (!(await store.finish(callSid, { ...call, endedAt: at, costSummary }))) return;
    telemetry.emit('info', { msg: 'cost.call.summary', callSid, role, direction, ...call, ...costSummary });
  } catch (error) {
    reportProviderOrThrow(telemetry, error, callSid);
  }
}
