/** Thinking blocks on their way through a history that does not know what they are. */

import * as z from 'zod';
import type { JsonValue } from '#core/json.ts';

/** A thinking block is signed for the model that wrote it; another model (a fallback) must not be sent it. */
const opaqueDataSchema = z.object({
  model: z.string(),
  block: z.discriminatedUnion('type', [
    z.object({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() }),
    z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
  ]),
});

export type ThinkingBlock = z.infer<typeof opaqueDataSchema>['block'];

export function wrapThinking(model: string, block: ThinkingBlock): JsonValue {
  return { model, block };
}

/** @returns the block as it came, or `undefined` when it is not this model's. */
export function unwrapThinking(model: string, data: JsonValue): ThinkingBlock | undefined {
  const parsed = opaqueDataSchema.safeParse(data);
  return parsed.success && parsed.data.model === model ? parsed.data.block : undefined;
}
