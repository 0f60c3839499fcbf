/** The events of a streamed reply as they come over the wire: only what we need, strict on that, blind to the rest. */
import * as z from 'zod';

const count = z.number().int().nonnegative();

const startUsageSchema = z.object({
  input_tokens: count.nullish(),
  output_tokens: count.nullish(),
  cache_creation_input_tokens: count.nullish(),
  cache_read_input_tokens: count.nullish(),
  /** The only place that tells five-minute from one-hour cache writes. */
  cache_creation: z
    .object({ ephemeral_5m_input_tokens: count.nullish(), ephemeral_1h_input_tokens: count.nullish() })
    .nullish(),
});
/** Cumulative totals, each replacing the one before. */
const deltaUsageSchema = startUsageSchema.omit({ cache_creation: true });

export type StartUsage = z.infer<typeof startUsageSchema>;
export type DeltaUsage = z.infer<typeof deltaUsageSchema>;

const messageStart = z.object({
  type: z.literal('message_start'),
  message: z.object({ usage: startUsageSchema }),
});

const contentBlock = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string().default('') }),
  z.object({ type: z.literal('tool_use'), id: z.string().min(1), name: z.string().min(1) }),
  z.object({
    type: z.literal('thinking'),
    thinking: z.string().default(''),
    signature: z.string().default(''),
  }),
  z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
]);
export type StartedBlock = z.infer<typeof contentBlock>;

const delta = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text_delta'), text: z.string() }),
  z.object({ type: z.literal('input_json_delta'), partial_json: z.string() }),
  z.object({ type: z.literal('thinking_delta'), thinking: z.string() }),
  z.object({ type: z.literal('signature_delta'), signature: z.string() }),
]);
export type BlockDelta = z.infer<typeof delta>;

const typed = z.object({ type: z.string() });
const contentBlockStart = z.object({
  type: z.literal('content_block_start'),
  index: count,
  content_block: typed.loose(),
});
const contentBlockDelta = z.object({
  type: z.literal('content_block_delta'),
  index: count,
  delta: typed.loose(),
});

const messageDelta = z.object({
  type: z.literal('message_delta'),
  delta: z.object({ stop_reason: z.string().nullish() }),
  usage: deltaUsageSchema.nullish(),
});

const streamError = z.object({
  type: z.literal('error'),
  error: z.object({ type: z.string() }),
});

export type StreamEvent =
  | { readonly type: 'start'; readonly usage: StartUsage }
  | { readonly type: 'block-start'; readonly index: number; readonly block: StartedBlock }
  | { readonly type: 'block-delta'; readonly index: number; readonly delta: BlockDelta }
  | { readonly type: 'stop-reason'; readonly stopReason: string | undefined; readonly usage: DeltaUsage }
  | { readonly type: 'stop' }
  | { readonly type: 'error'; readonly errorType: string }
  /** A ping, or something newer than this code. */
  | { readonly type: 'other'; readonly ping: boolean };

const other: StreamEvent = { type: 'other', ping: false };

const knownBlocks: ReadonlySet<string> = new Set(
  contentBlock.options.map((option) => option.shape.type.value),
);
const knownDeltas: ReadonlySet<string> = new Set(delta.options.map((option) => option.shape.type.value));

function readBlockStart(value: unknown): StreamEvent {
  const { index, content_block } = contentBlockStart.parse(value);
  if (!knownBlocks.has(content_block.type)) return other;
  return { type: 'block-start', index, block: contentBlock.parse(content_block) };
}

function readBlockDelta(value: unknown): StreamEvent {
  const event = contentBlockDelta.parse(value);
  if (!knownDeltas.has(event.delta.type)) return other;
  return { type: 'block-delta', index: event.index, delta: delta.parse(event.delta) };
}

function readMessageDelta(value: unknown): StreamEvent {
  const event = messageDelta.parse(value);
  return {
    type: 'stop-reason',
    stopReason: event.delta.stop_reason ?? undefined,
    usage: event.usage ?? {},
  };
}

/**
 * @param data the JSON of one server-sent event.
 * @throws SyntaxError or ZodError when it cannot be read; their texts may hold words of the conversation.
 */
export function readStreamEvent(data: string): StreamEvent {
  const value: unknown = JSON.parse(data);
  switch (typed.parse(value).type) {
    case 'message_start':
      return { type: 'start', usage: messageStart.parse(value).message.usage };
    case 'content_block_start':
      return readBlockStart(value);
    case 'content_block_delta':
      return readBlockDelta(value);
    case 'message_delta':
      return readMessageDelta(value);
    case 'message_stop':
      return { type: 'stop' };
    case 'error':
      return { type: 'error', errorType: streamError.parse(value).error.type };
    case 'ping':
      return { type: 'other', ping: true };
    default:
      return other;
  }
}
