/**
 * Is this caller answered now? Whatever cannot be found out is decided for the caller, who may be in need and is
 * waiting: two round trips to the database, one to look and one to take.
 */
import { beginCall, type Conduct, newConduct } from '#core/abuse/conduct.ts';
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import { budgetLimitName } from '#core/costs/budgets.ts';
import { normalizePhoneNumber } from '#core/phone-number.ts';
import type { KnownCaller } from '#core/ports/caller-lookup.ts';
import { reportProviderOrThrow } from '../failures.ts';
import type { Services } from '../services.ts';
import { withinCallerLimit, withinStageLimit } from './call-limits.ts';
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

/** A webhook that Twilio repeats was admitted the first time, or is looked at again. */
export async function admitCaller(calling: Calling, services: Services): Promise<CallerAdmission> {
  const { claims } = calling;
  const { isBlocked, conduct = newConduct, record } = await lookUp(calling, services);
  if (isBlocked) return { admitted: false, limit: 'block-list' };
  if (record && record.outcome !== 'refused')
    return { admitted: true, claims: withAllowance(claims, record.allowanceUsd) };
  const nowMs = services.clock.now().getTime();
  const begun = isJudged(calling, services)
    ? beginCall(conduct, nowMs)
    : ({ admitted: true, conduct } as const);
  const noted = begun.conduct === conduct ? undefined : noteConduct(begun.conduct, calling, services);
  if (!begun.admitted) {
    await noted;
    return { admitted: false, limit: 'conduct', retryAfterSecs: (begun.retryAtMs - nowMs) / 1000 };
  }
  const [admission] = await Promise.all([takePlace(calling, services), noted]);
  return admission;
}

/** All who hide their number look the same: one of them must not shut out the others. */
const showsNumber = ({ from }: Calling): boolean => normalizePhoneNumber(from).kind === 'e164';

const isJudged = (calling: Calling, { config }: Services): boolean =>
  config.CONDUCT_CONTROL === 'on' && showsNumber(calling);

/** What cannot be found out is not held against the caller. */
const lookUp = (calling: Calling, services: Services): Promise<KnownCaller> =>
  failingOpen(
    services.callerLookup.find(calling.claims),
    { isBlocked: false, conduct: undefined, record: undefined },
    calling,
    services,
  );

const noteConduct = (conduct: Conduct, calling: Calling, services: Services): Promise<void> =>
  failingOpen(services.conducts.put(calling.claims.callerHash, conduct), undefined, calling, services);

/**
 * Limits, budgets and the record at once, for a caller waits. Who is refused gets back what was taken out of the
 * budgets, and may have counted for the stage; the record becomes the one of a refused call.
 */
async function takePlace(calling: Calling, services: Services): Promise<CallerAdmission> {
  const { budgetGuard, clock } = services;
  const { callerHash } = calling.claims;
  const accounts = budgetGuard.accounts(calling.claims);
  const claims = withAllowance(calling.claims, budgetGuard.firstAllowanceUsd(accounts));
  const [perCaller, perStage, reserved, opened] = await Promise.all([
    showsNumber(calling) ? withinCallerLimit({ callerHash, to: calling.to }, services) : undefined,
    withinStageLimit(services),
    budgetGuard.reserve(accounts),
    openRinging(claims, services),
  ]);
  const over = [perCaller, perStage].find((limit) => limit?.allowed === false);
  if (over && reserved.ok) await budgetGuard.settle(accounts, -reserved.allowanceUsd);
  if (over) {
    const retryAfterSecs = Math.max(1, (over.retryAtMs - clock.now().getTime()) / 1000);
    return { admitted: false, limit: over.limit, retryAfterSecs, opened };
  }
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
