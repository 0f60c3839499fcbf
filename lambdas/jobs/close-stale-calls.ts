/** Ends the records of calls that can no longer be alive, and writes the one summary each of them still owes. */
import { staleOutcome } from '#core/calls/stale-outcome.ts';
import type { CostEvent } from '#core/costs/cost-event.ts';
import { lostSeconds } from '#core/costs/lost-seconds.ts';
import { roundUsd } from '#core/costs/money.ts';
import { settleCall } from '#core/costs/settle-call.ts';
import { settledEvents } from '#core/costs/settled.ts';
import { knownUsdOf, summarise } from '#core/costs/summarise.ts';
import { isProviderError } from '#core/errors.ts';
import type { CallSid } from '#core/ids.ts';
import { limits } from '#core/limits.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import type { CallEnding, CallRecord } from '#core/records/call-record.ts';
import { reportProviderOrThrow } from '../failures.ts';
import type { LoadServices, Services } from '../services.ts';
import { jobFunction } from '../stacks/job-function.ts';
import { wire } from '../wire.ts';

/** Calls closed in one run; the next run takes the rest. */
const callsPerRunMax = 100;

export const createCloseStaleCalls = (load: LoadServices) => jobFunction(load, closeStaleCalls);

/** A call that cannot be closed now is left to the next run; it does not keep the others open. */
async function closeStaleCalls(
  services: Services,
): Promise<{ readonly closed: number; readonly failed: number }> {
  const { clock, store, telemetry } = services;
  const aliveBefore = new Date(clock.now().getTime() - limits.staleAfterMs);
  const stale = await store.listStale({ aliveBefore, limit: callsPerRunMax });
  let closed = 0;
  let failed = 0;
  for (const record of stale) {
    try {
      if (await close(record, services)) closed += 1;
    } catch (error) {
      reportProviderOrThrow(telemetry, error, record.callSid);
      failed += 1;
    }
  }
  if (closed + failed > 0) telemetry.log('warn', { msg: 'job.stale-calls-closed', closed, failed });
  return { closed, failed };
}

/** @returns false when somebody else has ended the call meanwhile. */
async function close(record: CallRecord, services: Services): Promise<boolean> {
  const { store, telemetry, budgetGuard } = services;
  const { callSid, role, direction, startedAt, aliveAt } = record;
  const [counted, turns] = await Promise.all([store.costEvents(callSid), store.turns(callSid)]);
  const events = await withLostSeconds(record, counted, store);
  const costSummary = summarise(events);
  const outcome = staleOutcome(record.status);
  // The carrier's own figure, when it has told one.
  const durationSecs = record.durationSecs ?? (Date.parse(aliveAt) - Date.parse(startedAt)) / 1000;
  const call = { outcome, durationSecs, turnCount: turns.length };
  const ending = { ...call, endedAt: aliveAt, costSummary };
  if (!(await finish(callSid, ending, store))) return false;
  await settleCall(store, callSid);
  await budgetGuard.settle(
    budgetGuard.accounts(record, new Date(startedAt)),
    roundUsd(knownUsdOf(settledEvents(events)) - (record.allowanceUsd ?? 0)),
  );
  telemetry.emit('warn', { msg: 'call.ended', callSid, role, direction, ...call });
  telemetry.emit('info', { msg: 'cost.call.summary', callSid, role, direction, ...call, ...costSummary });
  if (outcome !== 'not-answered') telemetry.metric('CallsFailed', 1);
  return true;
}

/** Where the carrier has told when the stream ended, what ran on until then is counted to that moment. */
async function withLostSeconds(
  { streamEndedAt }: CallRecord,
  events: readonly CostEvent[],
  store: CallStore,
): Promise<readonly CostEvent[]> {
  if (streamEndedAt === undefined) return events;
  const longer = lostSeconds(settledEvents(events), streamEndedAt);
  if (longer.length === 0) return events;
  await store.putCostEvents(longer);
  return [...events, ...longer];
}

/** Tried again with the same ending: the next run would not find a call whose end was written without an answer. */
async function finish(callSid: CallSid, ending: CallEnding, store: CallStore): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await store.finish(callSid, ending);
    } catch (error) {
      if (!isProviderError(error) || !error.retryable || attempt >= limits.finishAttemptsMax) throw error;
    }
  }
}

export const handler = createCloseStaleCalls(wire);
