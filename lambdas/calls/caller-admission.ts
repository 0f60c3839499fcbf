/**
 * Is this caller answered now? Whatever cannot be found out is decided for the caller, who may be in need and is
 * waiting: one request at the door, and for whoever may come in a few at once.
 */
import { beginCall, type Conduct, newConduct } from '#core/abuse/conduct.ts';
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import { budgetLimitName } from '#core/costs/budgets.ts';
import { normalizePhoneNumber } from '#core/phone-number.ts';
import { reportProviderOrThrow } from '../failures.ts';
import type { Services } from '../services.ts';
import { callerLimit, withinStageLimit } from './call-limits.ts';
import { openRinging } from './connect-call.ts';

export interface CallerRefusal {
  readonly admitted: false;
  readonly limit: string;
  /** Undefined: there is no use in calling again. */
  readonly retryAfterSecs?: number;
  /** Whether this request has begun a record; undefined when it has not tried. */
  readonly opened?: boolean;
}

export type CallerAdmission =
  /** The claims with what was taken out of the budgets. */
  { readonly admitted: true; readonly claims: StreamClaims } | CallerRefusal;

export interface Calling {
  readonly claims: StreamClaims;
  readonly from: string;
  readonly to: string;
}

/** A webhook that Twilio repeats gets the answer that it had the first time. */
export async function admitCaller(calling: Calling, services: Services): Promise<CallerAdmission> {
  const door = showsNumber(calling) ? await atTheDoor(calling, services) : await hidden(calling, services);
  if (door === 'blocked') return { admitted: false, limit: 'block-list' };
  if (door === 'open') return takePlace(calling, services);
  const before = await admittedBefore(calling, services);
  if (before) return before;
  return door === 'repeated' ? takePlace(calling, services) : door;
}

/** All who hide their number look the same: one of them must not shut out the others. */
const showsNumber = ({ from }: Calling): boolean => normalizePhoneNumber(from).kind === 'e164';

type Door = 'open' | 'blocked' | 'repeated' | CallerRefusal;

/** The block list, the caller's own limit, and how the caller has behaved. */
async function atTheDoor(calling: Calling, services: Services): Promise<Door> {
  const { callerGate, clock, config } = services;
  const limit = callerLimit(calling.to, services);
  const knock = await callerGate.knock(calling.claims, limit);
  if (knock.kind === 'blocked' || knock.kind === 'repeated') return knock.kind;
  const { conduct = newConduct } = knock;
  const nowMs = clock.now().getTime();
  const judged = config.CONDUCT_CONTROL === 'on' ? beginCall(conduct, nowMs) : undefined;
  if (judged && judged.conduct !== conduct) await noteConduct(judged.conduct, calling, services);
  if (judged?.admitted === false) return refusedUntil('conduct', judged.retryAtMs, nowMs);
  if (knock.kind === 'counted' && !knock.decision.allowed)
    return refusedUntil(limit.name, knock.decision.retryAtMs, nowMs);
  return 'open';
}

const hidden = async ({ claims }: Calling, { callerGate }: Services): Promise<Door> =>
  (await callerGate.isBlocked(claims.callerHash)) ? 'blocked' : 'open';

const refusedUntil = (limit: string, retryAtMs: number, nowMs: number): CallerRefusal => ({
  admitted: false,
  limit,
  retryAfterSecs: Math.max(1, (retryAtMs - nowMs) / 1000),
});

/** Undefined: this call was not answered before, or it cannot be found out. */
async function admittedBefore(calling: Calling, services: Services): Promise<CallerAdmission | undefined> {
  const { claims } = calling;
  const record = await failingOpen(services.store.find(claims.callSid), undefined, calling, services);
  if (record === undefined || record.outcome === 'refused') return undefined;
  return { admitted: true, claims: withAllowance(claims, record.allowanceUsd) };
}

const noteConduct = (conduct: Conduct, calling: Calling, services: Services): Promise<void> =>
  failingOpen(services.conducts.put(calling.claims.callerHash, conduct), undefined, calling, services);

/**
 * The stage's limit, budgets and the record at once, for a caller waits. Who is refused gets back what was taken out
 * of the budgets; the record becomes the one of a refused call.
 */
async function takePlace(calling: Calling, services: Services): Promise<CallerAdmission> {
  const { budgetGuard, clock } = services;
  const accounts = budgetGuard.accounts(calling.claims);
  const claims = withAllowance(calling.claims, budgetGuard.firstAllowanceUsd(accounts));
  const [perStage, reserved, opening] = await Promise.all([
    withinStageLimit(services),
    budgetGuard.reserve(accounts),
    openRinging(claims, services),
  ]);
  const before = opening === 'there' ? await admittedBefore(calling, services) : undefined;
  if ((before || !perStage.allowed) && reserved.ok)
    await budgetGuard.settle(accounts, -reserved.allowanceUsd);
  if (before) return before;
  const opened = opening === 'new';
  if (!perStage.allowed)
    return { ...refusedUntil(perStage.limit, perStage.retryAtMs, clock.now().getTime()), opened };
  if (!reserved.ok) return { admitted: false, limit: budgetLimitName(reserved.account), opened };
  return { admitted: true, claims };
}

/** Nothing where nothing was taken. */
const withAllowance = (claims: StreamClaims, allowanceUsd = 0): StreamClaims =>
  allowanceUsd === 0 ? claims : { ...claims, allowanceUsd };

async function failingOpen<T>(
  work: Promise<T>,
  otherwise: T,
  { claims }: Calling,
  { telemetry }: Services,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    reportProviderOrThrow(telemetry, error, claims.callSid);
    return otherwise;
  }
}
