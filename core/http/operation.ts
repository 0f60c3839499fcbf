/** How one route is described. */
import type * as z from 'zod';
import type { ProblemCode } from './problem.ts';

export interface AnswerShape {
  readonly description: string;
  /** Default `application/json` where there is a schema. */
  readonly contentType?: string;
  readonly schema?: z.ZodType;
  readonly example?: unknown;
}

export interface Operation {
  readonly summary: string;
  readonly path?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: { readonly contentType: string; readonly schema: z.ZodType; readonly example: unknown };
  readonly answers: Readonly<Record<number, AnswerShape>>;
  /** What takes one of the key's places, and what does not, where it is not plain. */
  readonly countedToo?: string;
  /** Beside those that any route of its kind has. */
  readonly problems: readonly ProblemCode[];
}
