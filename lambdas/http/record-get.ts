/** `GET /records/{callSid}`: one call, with its transcript, turns and costs when asked for. */
import { HttpProblem } from '#core/http/problem.ts';
import { recordPathSchema, recordQuerySchema, transcriptLineSchema } from '#core/http/records.ts';
import { parseInput } from '../parse-input.ts';
import type { LoadServices, Services } from '../services.ts';
import { type ApiAnswer, type ApiRequest, apiFunction } from '../stacks/api-function.ts';
import { wire } from '../wire.ts';
import { toAnswer } from './record-answer.ts';

export const createRecordGet = (load: LoadServices) => apiFunction(load, 'records:read', getRecord);

async function getRecord({ event }: ApiRequest, { store }: Services): Promise<ApiAnswer> {
  const { callSid } = parseInput(recordPathSchema, event.pathParameters);
  const { include } = parseInput(recordQuerySchema, event.queryStringParameters);
  const wantsTurns = include.includes('turns') || include.includes('transcript');
  const [record, turns, costs] = await Promise.all([
    store.find(callSid),
    wantsTurns ? store.turns(callSid) : [],
    include.includes('costs') ? store.costEvents(callSid) : [],
  ]);
  if (!record) throw new HttpProblem('not_found', 'There is no record of this call.');
  return {
    status: 200,
    body: {
      ...toAnswer(record),
      ...(include.includes('transcript')
        ? { transcript: turns.map((turn) => transcriptLineSchema.parse(turn)) }
        : {}),
      ...(include.includes('turns') ? { turns } : {}),
      ...(include.includes('costs') ? { costs } : {}),
    },
  };
}

export const handler = createRecordGet(wire);
