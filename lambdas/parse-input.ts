import type * as z from 'zod';
import { parseFields } from '#core/http/input-problems.ts';
import { HttpProblem } from '#core/http/problem.ts';

/** Parses a part of the request by its schema; a problem names every field that is wrong, and the mend. */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = parseFields(schema, input === undefined ? {} : input, 'body');
  if (parsed.ok) return parsed.data;
  const { fields } = parsed;
  throw new HttpProblem('bad_request', `The request is not right: ${fields.join('; ')}.`, { fields });
}
