/**
 * `POST /call/incoming` in this process, the embedded database too: signature, admission, limits, budget, record, token,
 * TwiML. Rounds of calls take turns with what they are compared to, so that all meet the same machine.
 */
import { createInboundCall } from '#lambdas/http/inbound-call.ts';
import { invoke, webhookEvent } from '#tests/lambdas/functions.ts';
import { startTestDatabase } from '#tests/support/embedded-database.ts';
import { percentilesOf } from '../support/percentiles.ts';
import { time } from '../support/timing.ts';
import { createRequests } from './round-trips.ts';
import type { WebhookTimes } from './webhook.ts';
import { benchWire, sidOf } from './wire.ts';

const warmUps = 1_000;

/** Each of another caller. Throws when one is not answered with a stream. */
function createCalls(databaseUrl: string) {
  const inbound = createInboundCall(benchWire(databaseUrl));
  let n = 0;
  return async (count: number) => {
    const events = Array.from({ length: count }, () => {
      n += 1;
      const From = `+1415${String(5_550_000 + n).padStart(7, '0')}`;
      const params = { CallSid: sidOf(n), From, To: '+18005550199', CallStatus: 'ringing' };
      return webhookEvent({ path: '/call/incoming', params });
    });
    let next = 0;
    return time(async () => {
      const event = events[next] as (typeof events)[number];
      next += 1;
      const answer = await invoke(inbound, event);
      if (!answer.body.includes('<Stream '))
        throw new Error(`Call ${next} was answered with ${answer.status}`);
    }, count);
  };
}

function spin(turns: number): number {
  let sum = 0;
  for (let i = 0; i < turns; i += 1) sum += Math.sqrt(i);
  return sum;
}

/** How many turns of the loop take so long. */
async function turnsFor(ms: number): Promise<number> {
  const turns = 1_000_000;
  const { p50 } = percentilesOf(await time(async () => spin(turns), 200));
  return Math.round((turns * ms) / p50);
}

const [rounds = 0, callsPerRound = 0] = process.argv.slice(2).map(Number);
const database = await startTestDatabase();
const calls = createCalls(database.url);
const requests = createRequests(database.url);
const { p50 } = percentilesOf((await calls(warmUps)).slice(-warmUps / 2));
await requests(warmUps);
const turns = await turnsFor(p50);
const times: { [K in keyof WebhookTimes]: (readonly number[])[] } = { call: [], requests: [], loop: [] };
for (let round = 0; round < rounds; round += 1) {
  times.call.push(await calls(callsPerRound));
  times.requests.push(await requests(Math.ceil(callsPerRound / 2)));
  times.loop.push(await time(async () => spin(turns), Math.ceil(callsPerRound / 4)));
}
process.send?.(times);
