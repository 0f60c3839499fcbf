/** One page of a list of records, whatever list it is. */
import { BadCursorError } from '#core/calls/bad-cursor.ts';
import { HttpProblem } from '#core/http/problem.ts';
import { listQuerySchema } from '#core/http/records.ts';
import type { CallFilter, CallQuery } from '#core/ports/call-store.ts';
import { parseInput } from '../parse-input.ts';
import type { Services } from '../services.ts';
import type { ApiAnswer, ApiRequest } from '../stacks/api-function.ts';
import { toAnswer } from './record-answer.ts';

export async function recordPage(
  { event }: ApiRequest,
  { store }: Services,
  index: CallQuery['index'],
): Promise<ApiAnswer> {
  const { limit, cursor, ...narrowed } = parseInput(listQuerySchema, event.queryStringParameters);
  // What was not given is not there, rather than there and undefined.
  const filter: CallFilter = Object.fromEntries(
    Object.entries(narrowed).filter(([, value]) => value !== undefined),
  );
  try {
    const page = await store.list({ index, filter, limit, ...(cursor === undefined ? {} : { cursor }) });
    return { status: 200, body: { ...page, items: page.items.map(toAnswer) } };
  } catch (error) {
    if (!(error instanceof BadCursorError)) throw error;
    throw new HttpProblem('bad_request', 'The cursor is not one of this list: start again without it.', {
      fields: ['cursor: not one of this list'],
    });
  }
}
