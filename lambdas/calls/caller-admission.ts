/** Is this caller answered now? Whatever cannot be found out is decided for the caller, who may be in need. */
import { beginCall, newConduct } from '#core/abuse/conduct.ts';
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import { normalizePhoneNumber } from '#core/phone-number.ts';
import { callsPerStage, inboundPerCaller } from '#core/rate-limits/rules.ts';
import type { RateRule } from '#core/rate-limits/sliding-window.ts';
import { reportProviderOrThrow } from '../failures.ts';
import type { Services } from '../services.ts';

export type CallerAdmission =
  | { readonly admitted: true }
  | {
      readonly admitted: false;
      readonly limit: string;
      /** Undefined: there is no use in calling again. */
      readonly retryAfterSecs?: number;
    };

export interface Calling {
  readonly claims: StreamClaims;
  readonly from: string;
  readonly to: string;
}

const admitted: CallerAdmission = { admitted: true };

/** A webhook that Twilio repeats was admitted the first time, or is looked at again. */
export async function admitCaller(calling: Calling, services: Services): Promise<CallerAdmission> {
  const { claims, from } = calling;
  const { store, blockList, conducts, config } = services;
  const controls = config.CONDUCT_CONTROL === 'on';
  const or = <T>(work: Promise<T>, otherwise: T) => failingOpen(work, otherwise, calling, services);
  const [isBlocked, known, conduct] = await Promise.all([
    or(blockList.isBlocked(claims.callerHash), false),
    or(store.find(claims.callSid), undefined),
    controls ? or(conducts.find(claims.callerHash), undefined) : undefined,
  ]);
  if (isBlocked) return { admitted: false, limit: 'block-list' };
  if (known && known.outcome !== 'refused') return admitted;
  const stageRule = callsPerStage(config.CALLS_PER_MINUTE_MAX);
  const withinStage = () => withinLimit(stageRule, 'all', services);
  // All who hide their number look the same: one of them must not shut out the others.
  if (normalizePhoneNumber(from).kind !== 'e164') return withinStage();
  const nowMs = services.clock.now().getTime();
  const { callSid, role, callerHash } = claims;
  const before = conduct ?? newConduct;
  const begun = controls
    ? beginCall(before, { callSid, role, nowMs })
    : ({ admitted: true, conduct: before } as const);
  const noted = controls ? or(conducts.put(callerHash, begun.conduct), undefined) : undefined;
  if (!begun.admitted) {
    await noted;
    return { admitted: false, limit: 'conduct', retryAfterSecs: (begun.retryAtMs - nowMs) / 1000 };
  }
  // Asked at once, for a caller waits: one that is refused may count for the stage.
  const [perCaller, perStage] = await Promise.all([
    withinLimit(callerRule(calling, services), callerHash, services),
    withinStage(),
    noted,
  ]);
  return perCaller.admitted ? perStage : perCaller;
}

/** A setting of the stage, and of each number: a crisis line may want none at all. */
function callerRule({ to }: Calling, { config }: Services): RateRule {
  const own = Object.hasOwn(config.INBOUND_PHONE_MAP, to) ? config.INBOUND_PHONE_MAP[to] : undefined;
  return inboundPerCaller(own?.callerCallsPerHour ?? config.INBOUND_CALLS_PER_CALLER_PER_HOUR);
}

async function withinLimit(
  rule: RateRule,
  subject: string,
  { limiter, clock }: Services,
): Promise<CallerAdmission> {
  const { allowed, retryAtMs } = await limiter.take(rule, subject);
  if (allowed) return admitted;
  const retryAfterSecs = Math.max(1, (retryAtMs - clock.now().getTime()) / 1000);
  return { admitted: false, limit: rule.name, retryAfterSecs };
}

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
