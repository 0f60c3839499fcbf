/** `GET /costs/call/{callSid}`: what one call cost, event by event. */
import { settledEvents } from '#core/costs/settled.ts';
import { summarise } from '#core/costs/summarise.ts';
import { costPerMinuteUsd } from '#core/costs/totals.ts';
import { costCallPathSchema } from '#core/http/costs.ts';
import { HttpProblem } from '#core/http/problem.ts';
import { parseInput } from '../parse-input.ts';
import type { LoadServices, Services } from '../services.ts';
import { type ApiAnswer, type ApiRequest, apiFunction } from '../stacks/api-function.ts';
import { wire } from '../wire.ts';

export const createCostsCall = (load: LoadServices) => apiFunction(load, 'costs:read', getCallCosts);

async function getCallCosts({ event }: ApiRequest, { store }: Services): Promise<ApiAnswer> {
  const { callSid } = parseInput(costCallPathSchema, event.pathParameters);
  const [record, events] = await Promise.all([store.find(callSid), store.costEvents(callSid)]);
  if (!record) throw new HttpProblem('not_found', 'There is no record of this call.');
  const { role, direction, outcome, durationSecs } = record;
  const summary = record.costSummary ?? summarise(events);
  return {
    status: 200,
    body: {
      callSid,
      role,
      direction,
      ...(outcome === undefined ? {} : { outcome }),
      ...(durationSecs === undefined ? {} : { durationSecs }),
      summary,
      costPerMinuteUsd: costPerMinuteUsd(summary.estimatedCostUsd, durationSecs ?? 0),
      events: settledEvents(events).toSorted((a, b) => a.seq - b.seq),
    },
  };
}

export const handler = createCostsCall(wire);
