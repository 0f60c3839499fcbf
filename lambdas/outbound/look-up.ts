/**
 * Is there a call already? Asked when a request to the carrier went out and no answer came back. Two witnesses: the
 * carrier's callbacks, which carry our reference, and its list of calls, where a call that no order has claimed is ours.
 */
import type { CallSid } from '#core/ids.ts';
import type { CallStatus } from '#core/records/call-record.ts';
import { reportProviderOrThrow } from '../failures.ts';
import type { Services } from '../services.ts';

/** A call shows in the list, and its first callback arrives, within about a second. */
const waitsMs: readonly number[] = [0, 1_000, 2_000];

export interface LostCall {
  readonly ref: string;
  readonly to: string;
  readonly since: Date;
}

export interface KnownCall {
  readonly callSid: CallSid;
  readonly status: CallStatus;
}

export async function lookUp(lost: LostCall, services: Services): Promise<KnownCall | undefined> {
  for (const waitMs of waitsMs) {
    await pause(waitMs, services);
    const found = (await told(lost, services)) ?? (await listed(lost, services));
    if (found) {
      services.telemetry.log('warn', { msg: 'call.found-again', callSid: found.callSid });
      return found;
    }
  }
  return undefined;
}

const pause = (ms: number, { clock }: Services): Promise<void> =>
  ms === 0 ? Promise.resolve() : new Promise((resolve) => void clock.setTimer(ms, resolve));

async function told({ ref }: LostCall, { outboundPlans, store }: Services): Promise<KnownCall | undefined> {
  const callSid = (await outboundPlans.find(ref))?.callSid;
  if (callSid === undefined) return undefined;
  return { callSid, status: (await store.find(callSid))?.status ?? 'queued' };
}

/** The list may be away as well: then the next look, or the next request, decides. */
async function listed({ to, since }: LostCall, services: Services): Promise<KnownCall | undefined> {
  const { outboundCalls, config, store, telemetry } = services;
  try {
    const from = config.TWILIO_PHONE_NUMBER;
    const { signal } = new AbortController();
    const calls = await outboundCalls.recent({ to, from, since }, { signal });
    for (const { callSid, status } of calls)
      if ((await store.find(callSid)) === undefined) return { callSid, status };
  } catch (error) {
    reportProviderOrThrow(telemetry, error);
  }
  return undefined;
}
