/** Ends the records of calls that can no longer be alive, and writes the one summary each of them still owes. */
import { summarise } from '#core/costs/summarise.ts';
import { limits } from '#core/limits.ts';
import type { CallRecord } from '#core/records/call-record.ts';
import { jobFunction } from '../middleware.ts';
import type { LoadServices, Services } from '../services.ts';
import { wire } from '../wire.ts';

/** Calls closed in one run; the next run takes the rest. */
const callsPerRunMax = 100;

export const createCloseStaleCalls = (load: LoadServices) => jobFunction(load, closeStaleCalls);

async function closeStaleCalls(services: Services): Promise<{ readonly closed: number }> {
  const aliveBefore = new Date(services.clock.now().getTime() - limits.staleAfterMs);
  const stale = await services.store.listStale({ aliveBefore, limit: callsPerRunMax });
  let closed = 0;
  for (const record of stale) if (await close(record, services)) closed += 1;
  if (closed > 0) services.telemetry.log('warn', { msg: 'job.stale-calls-closed', closed });
  return { closed };
}

/** @returns false when somebody else has ended the call meanwhile. */
async function close(record: CallRecord, { store, telemetry }: Services): Promise<boolean> {
  const { callSid, role, direction, startedAt, aliveAt } = record;
  const [events, turns] = await Promise.all([store.costEvents(callSid), store.turns(callSid)]);
  const costSummary = summarise(events);
  const durationSecs = (Date.parse(aliveAt) - Date.parse(startedAt)) / 1000;
  const outcome = record.status === 'ringing' ? 'not-answered' : 'lost';
  const call = { outcome, durationSecs, turnCount: turns.length } as const;
  if (!(await store.finish(callSid, { ...call, endedAt: aliveAt, costSummary }))) return false;
  telemetry.emit('warn', { msg: 'call.ended', callSid, role, direction, ...call });
  telemetry.emit('info', { msg: 'cost.call.summary', callSid, role, direction, ...call, ...costSummary });
  telemetry.metric('CallsFailed', 1);
  return true;
}

export const handler = createCloseStaleCalls(wire);
