/** A call of ours that the carrier has billed and of which we were never told: it gets a record and a summary too. */
import { summarise } from '#core/costs/summarise.ts';
import { isTollFree } from '#core/costs/toll-free.ts';
import { maskPhoneNumber } from '#core/phone-number.ts';
import type { CarrierCall } from '#core/ports/carrier-calls.ts';
import type { CallRecord } from '#core/records/call-record.ts';
import type { Services } from '../services.ts';
import { legEvent } from './carrier-costs.ts';

const msPerSec = 1_000;
const secsPerDay = 86_400;

type MissedServices = Pick<Services, 'clock' | 'config' | 'hashNumber' | 'store' | 'telemetry'>;

/** Throws `ProviderError`. One that is cut off leaves an open record, which the stale-call job ends. */
export async function recordMissedCall(
  call: CarrierCall,
  services: MissedServices,
): Promise<'missed' | 'foreign' | 'known'> {
  const { clock, config, store, telemetry } = services;
  const { callSid, direction, durationSecs, startedAt } = call;
  const ours = direction === 'inbound' ? call.to : call.from;
  const number = Object.hasOwn(config.INBOUND_PHONE_MAP, ours) ? config.INBOUND_PHONE_MAP[ours] : undefined;
  if (number === undefined && ours !== config.TWILIO_PHONE_NUMBER) return 'foreign';
  if (durationSecs === 0 && (call.priceUsd ?? 0) === 0) return 'known';
  // A record of that age would have expired by now: that there is none says nothing.
  const keptMs = config.RECORDS_TTL_DAYS * secsPerDay * msPerSec;
  if (clock.now().getTime() - startedAt.getTime() >= keptMs) return 'known';

  const endedAt = call.endedAt ?? new Date(startedAt.getTime() + durationSecs * msPerSec);
  const record = recordOf(call, number?.role ?? config.DEFAULT_ROLE, endedAt, services);
  const leg = {
    durationSecs,
    at: endedAt,
    ...(call.priceUsd === undefined ? {} : { priceUsd: call.priceUsd }),
  };
  const event = legEvent(record, leg, config.prices);
  if (event === undefined || !(await store.create(record))) return 'known';
  const costSummary = summarise([event]);
  const ending = { outcome: 'lost', durationSecs, turnCount: 0 } as const;
  await store.putCostEvents([event]);
  if (!(await store.finish(callSid, { ...ending, endedAt: endedAt.toISOString(), costSummary })))
    return 'known';
  const { role } = record;
  telemetry.log('warn', { msg: 'cost.call-missed', callSid });
  telemetry.emit('warn', { msg: 'call.ended', callSid, role, direction, ...ending });
  telemetry.emit('info', { msg: 'cost.call.summary', callSid, role, direction, ...ending, ...costSummary });
  return 'missed';
}

function recordOf(
  { callSid, direction, from, to, startedAt }: CarrierCall,
  role: CallRecord['role'],
  endedAt: Date,
  { clock, config, hashNumber }: MissedServices,
): CallRecord {
  const other = direction === 'inbound' ? from : to;
  return {
    callSid,
    status: 'in-progress',
    role,
    direction,
    numberMasked: maskPhoneNumber(other),
    callerHash: hashNumber(other),
    ...(direction === 'inbound' && isTollFree(to) ? { tollFree: true } : {}),
    startedAt: startedAt.toISOString(),
    aliveAt: endedAt.toISOString(),
    turnCount: 0,
    expiresAt: Math.ceil(clock.now().getTime() / msPerSec + config.RECORDS_TTL_DAYS * secsPerDay),
  };
}
