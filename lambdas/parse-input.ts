import type * as z from 'zod';
import { HttpProblem } from '#core/http/problem.ts';

/** Parses a part of the request by its schema; a problem names every field that is wrong. */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new HttpProblem('bad_request', `The request is not right: ${fields.join('; ')}`, { fields });
}
