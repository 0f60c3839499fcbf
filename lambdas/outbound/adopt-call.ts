/** A callback with our reference tells which call an order became, also when nobody heard the carrier's answer. */
import type { CallSid } from '#core/ids.ts';
import type { CallStatus } from '#core/records/call-record.ts';
import type { Services } from '../services.ts';
import { openPlanned } from './open-planned.ts';

/** Refs are ours, and the address is signed: what else arrives there names no order. */
const refPattern = /^[A-Za-z0-9_-]{16,64}$/;

export async function adoptCall(
  ref: string,
  { callSid, status }: { readonly callSid: CallSid; readonly status: CallStatus },
  services: Services,
): Promise<void> {
  if (!refPattern.test(ref)) return;
  const { store, outboundPlans } = services;
  if ((await store.find(callSid)) !== undefined) return;
  const plan = await outboundPlans.find(ref);
  if (!plan) return;
  await outboundPlans.noteCall(ref, callSid);
  await openPlanned({ callSid, status }, plan, services);
}
