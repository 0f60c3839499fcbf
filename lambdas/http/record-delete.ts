/** `DELETE /records/{callSid}`: removes a call with everything that was said in it. Daily totals stay. */
import { HttpProblem } from '#core/http/problem.ts';
import { recordPathSchema } from '#core/http/records.ts';
import { keepCostsOf } from '../costs/keep-removed.ts';
import { parseInput } from '../parse-input.ts';
import type { LoadServices, Services } from '../services.ts';
import { type ApiAnswer, type ApiRequest, apiFunction } from '../stacks/api-function.ts';
import { wire } from '../wire.ts';

export const createRecordDelete = (load: LoadServices) => apiFunction(load, 'records:delete', deleteRecord);

async function deleteRecord({ event, key }: ApiRequest, services: Services): Promise<ApiAnswer> {
  const { store, telemetry } = services;
  const { callSid } = parseInput(recordPathSchema, event.pathParameters);
  await keepCostsOf(callSid, services);
  if (!(await store.delete(callSid))) throw new HttpProblem('not_found', 'There is no record of this call.');
  telemetry.log('info', { msg: 'record.deleted', callSid, keyId: key?.id });
  return { status: 204 };
}

export const handler = createRecordDelete(wire);
