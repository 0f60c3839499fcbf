/** Places one ordered call: checks the order, dials once, and finds out what became of it. */
import { CancelledError, isProviderError } from '#core/errors.ts';
import { type OutboundAnswer, type OutboundRequest, outboundRequestSchema } from '#core/http/outbound.ts';
import type { CallSid } from '#core/ids.ts';
import { judgeDestination } from '#core/outbound/destination.ts';
import { listensForMachine } from '#core/outbound/machine-action.ts';
import { maskPhoneNumber } from '#core/phone-number.ts';
import type { OutboundCall, PlaceOutcome } from '#core/ports/outbound-calls.ts';
import type { OutboundPlan } from '#core/ports/outbound-plans.ts';
import { callsPerStage } from '#core/rate-limits/rules.ts';
import type { CallStatus } from '#core/records/call-record.ts';
import { type ReservedBudget, reserveOrRefuse } from '../costs/reserve.ts';
import { reportProvider, reportProviderOrThrow } from '../failures.ts';
import { parseInput } from '../parse-input.ts';
import { takeOrRefuse } from '../rate-limits.ts';
import type { Services } from '../services.ts';
import { checkMachineMessage } from './answering-machine.ts';
import { lookUp } from './look-up.ts';
import { openPlanned } from './open-planned.ts';
import { carrierProblem, failureProblem, policyProblem, unclearProblem } from './refusals.ts';

export interface Order {
  /** Ours; the carrier's callbacks carry it. */
  readonly ref: string;
  readonly keyId: string;
  readonly body: unknown;
  /** An earlier attempt at the same order may have dialled, since then. */
  readonly attemptedSince?: Date;
}

/** Throws `HttpProblem`, and `ProviderError` when the database is away: then nothing was dialled. */
export async function dial(order: Order, services: Services): Promise<OutboundAnswer> {
  const request = parseInput(outboundRequestSchema, order.body);
  checkMachineMessage(request.answeringMachine);
  await checkDestination(request.to, services);
  const plan = planOf(order, request, services);
  const before =
    order.attemptedSince === undefined ? undefined : await services.outboundPlans.find(order.ref);
  if (order.attemptedSince !== undefined) {
    const found = await lookUp({ ...order, to: request.to, since: order.attemptedSince }, services);
    if (found) return taken(found, before ?? plan, order, services);
  }
  await checkStageLimit(order.keyId, services);
  const startedAt = services.clock.now();
  const budget = await reserveOrRefuse({ keyId: order.keyId, callerHash: plan.numberHash }, services);
  const planned = { request, plan: { ...plan, ...budget.claims }, budget, before };
  const outcome = await placeWithin(order, planned, services);
  if (outcome.did === 'refused') {
    await budget.giveBack();
    throw carrierProblem(outcome.why, outcome.code);
  }
  const call =
    outcome.did === 'placed'
      ? outcome
      : await lookUp({ ...order, to: request.to, since: startedAt }, services);
  if (!call) throw unclearProblem();
  return taken(call, planned.plan, order, services);
}

interface Planned {
  readonly request: OutboundRequest;
  readonly plan: OutboundPlan;
  readonly budget: ReservedBudget;
  /** Of an earlier attempt, of which no call has come. */
  readonly before: OutboundPlan | undefined;
}

/** Whatever keeps the request from going out, nothing is spent. */
async function placeWithin(
  order: Order,
  { request, plan, budget, before }: Planned,
  services: Services,
): Promise<PlaceOutcome> {
  try {
    await services.outboundPlans.put(order.ref, plan);
    await giveBackOf(before, services);
    return await place(callOf(order, request, budget, services), services);
  } catch (error) {
    await budget.giveBack();
    throw error;
  }
}

/** What the earlier attempt has taken out of the budgets of its day: nothing else remembers it. */
async function giveBackOf(before: OutboundPlan | undefined, { budgetGuard }: Services): Promise<void> {
  if (before?.allowanceUsd === undefined) return;
  const { keyId, numberHash: callerHash, startedAt } = before;
  const accounts = budgetGuard.accounts({ keyId, callerHash }, new Date(startedAt));
  await budgetGuard.settle(accounts, -before.allowanceUsd);
}

/** A block list that cannot be read may hold this number: then nobody is called. */
async function checkDestination(to: string, services: Services): Promise<void> {
  const { config, blockList, hashNumber, numberFacts, telemetry } = services;
  const [facts, isBlocked] = await Promise.all([numberFacts(to), blockList.isBlocked(hashNumber(to))]);
  const verdict = judgeDestination({
    number: to,
    facts,
    allowedCountries: config.OUTBOUND_COUNTRIES,
    ownNumbers: [config.TWILIO_PHONE_NUMBER, ...Object.keys(config.INBOUND_PHONE_MAP)],
    isBlocked,
  });
  if (verdict.allowed) return;
  telemetry.log('info', { msg: 'call.destination-refused', reason: verdict.why, to: maskPhoneNumber(to) });
  throw policyProblem(verdict.why);
}

/** Calls that are about to be placed. That of the key counted already: it is for whatever a key asks. */
async function checkStageLimit(keyId: string, services: Services): Promise<void> {
  const rule = callsPerStage(services.config.CALLS_PER_MINUTE_MAX);
  await takeOrRefuse(services, { rule, subject: 'all', line: { keyId } });
}

function planOf({ keyId }: Order, request: OutboundRequest, services: Services): OutboundPlan {
  const { to, role, answeringMachine } = request;
  return {
    role,
    keyId,
    numberMasked: maskPhoneNumber(to),
    numberHash: services.hashNumber(to),
    startedAt: services.clock.now().toISOString(),
    ...(answeringMachine === undefined ? {} : { answeringMachine }),
  };
}

function callOf(
  { ref, keyId }: Order,
  request: OutboundRequest,
  { claims }: ReservedBudget,
  { config }: Services,
): OutboundCall {
  const { to, role, voice, ringSecs, timeLimitSecs, answeringMachine } = request;
  const about = new URLSearchParams({
    ref,
    role,
    ...(voice === undefined ? {} : { voice }),
    key: keyId,
    ...(claims.allowanceUsd === undefined ? {} : { allowance: String(claims.allowanceUsd) }),
  });
  const statusUrl = `${config.PUBLIC_BASE_URL}/call/status?ref=${ref}`;
  return {
    to,
    from: config.TWILIO_PHONE_NUMBER,
    answerUrl: `${config.PUBLIC_BASE_URL}/call/answered?${about}`,
    statusCallbackUrl: statusUrl,
    ringSecs,
    timeLimitSecs,
    ...(answeringMachine !== undefined && listensForMachine(answeringMachine)
      ? {
          machineDetection: {
            until: answeringMachine.action === 'hang-up' ? 'known' : 'end-of-greeting',
            callbackUrl: `${statusUrl}&about=machine`,
          },
        }
      : {}),
  };
}

/** Nothing cancels a request that has gone out: its end is waited for, within the client's own limit. */
async function place(call: OutboundCall, { outboundCalls, telemetry }: Services): Promise<PlaceOutcome> {
  try {
    const outcome = await outboundCalls.place(call, { signal: new AbortController().signal });
    if (outcome.did === 'unclear') telemetry.log('error', { msg: 'call.placing-unclear' });
    return outcome;
  } catch (error) {
    if (error instanceof CancelledError) return { did: 'unclear' };
    if (!isProviderError(error)) throw error;
    reportProvider(telemetry, error);
    throw failureProblem(error);
  }
}

/** The call exists: whatever fails from here on must not make the client dial again. */
async function taken(
  { callSid, status }: { readonly callSid: CallSid; readonly status: CallStatus },
  plan: OutboundPlan,
  { ref, keyId }: Order,
  services: Services,
): Promise<OutboundAnswer> {
  const { role, numberMasked, startedAt } = plan;
  await openPlanned({ callSid, status }, plan, services);
  try {
    await services.outboundPlans.noteCall(ref, callSid);
  } catch (error) {
    reportProviderOrThrow(services.telemetry, error, callSid);
  }
  services.telemetry.log('info', { msg: 'call.placed', callSid, role, keyId, to: numberMasked });
  return { callSid, status, role, direction: 'outbound', numberMasked, startedAt };
}
