/** The shape of a Messages request, as strict as the API: a field it does not know is refused. */
import * as z from 'zod';

const cacheControl = z.strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() });
const marked = { cache_control: cacheControl.nullish() };

const textBlock = z.strictObject({ type: z.literal('text'), text: z.string(), ...marked });
const toolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string().regex(/^[A-Za-z0-9_-]+$/),
  name: z.string().min(1).max(200),
  input: z.record(z.string(), z.unknown()),
  ...marked,
});
const toolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(textBlock)]).optional(),
  is_error: z.boolean().optional(),
  ...marked,
});
const thinkingBlock = z.strictObject({
  type: z.literal('thinking'),
  thinking: z.string(),
  signature: z.string(),
});
const redactedBlock = z.strictObject({ type: z.literal('redacted_thinking'), data: z.string() });

const content = <Block extends z.core.$ZodType>(block: Block) => z.union([z.string(), z.array(block).min(1)]);

const messageSchema = z.discriminatedUnion('role', [
  z.strictObject({
    role: z.literal('user'),
    content: content(z.discriminatedUnion('type', [textBlock, toolResult])),
  }),
  z.strictObject({
    role: z.literal('assistant'),
    content: content(z.discriminatedUnion('type', [textBlock, toolUse, thinkingBlock, redactedBlock])),
  }),
]);

const toolSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'String should match pattern ^[a-zA-Z0-9_-]{1,64}$'),
  type: z.literal('custom').optional(),
  description: z.string().optional(),
  input_schema: z.looseObject({
    type: z.literal('object'),
    properties: z.record(z.string(), z.unknown()).nullish(),
    required: z.array(z.string()).nullish(),
  }),
  strict: z.boolean().optional(),
  eager_input_streaming: z.boolean().nullish(),
  defer_loading: z.boolean().optional(),
  input_examples: z.array(z.record(z.string(), z.unknown())).optional(),
  allowed_callers: z.array(z.string()).optional(),
  ...marked,
});

const display = z.enum(['omitted', 'summarized']).nullish();
const thinkingSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('adaptive'), display }),
  z.strictObject({ type: z.literal('between_tools') }),
  z.strictObject({ type: z.literal('disabled') }),
  z.strictObject({ type: z.literal('enabled'), budget_tokens: z.int().min(1_024), display }),
]);

const parallel = { disable_parallel_tool_use: z.boolean().optional() };
const toolChoice = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('auto'), ...parallel }),
  z.strictObject({ type: z.literal('any'), ...parallel }),
  z.strictObject({ type: z.literal('tool'), name: z.string(), ...parallel }),
  z.strictObject({ type: z.literal('none') }),
]);

const share = z.number().min(0).max(1).optional();

export const requestSchema = z.strictObject({
  model: z.string().min(1),
  /** 0 warms the cache and answers nothing. */
  max_tokens: z.int().min(0),
  messages: z.array(messageSchema).min(1),
  system: z.union([z.string(), z.array(textBlock)]).optional(),
  tools: z.array(toolSchema).optional(),
  tool_choice: toolChoice.optional(),
  thinking: thinkingSchema.optional(),
  output_config: z
    .strictObject({
      effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish(),
      format: z.looseObject({ type: z.literal('json_schema') }).nullish(),
    })
    .optional(),
  stop_sequences: z.array(z.string().min(1)).optional(),
  metadata: z.strictObject({ user_id: z.string().nullish() }).optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
  speed: z.enum(['standard', 'fast']).nullish(),
  inference_geo: z.string().nullish(),
  cache_control: cacheControl.nullish(),
  stream: z.boolean().optional(),
  /** Taken by `anthropic-version: 2023-06-01` only. */
  temperature: share,
  top_p: share,
  top_k: z.int().min(0).optional(),
});

export type MessagesRequest = z.output<typeof requestSchema>;
export type Message = MessagesRequest['messages'][number];
export type Block = Exclude<Message['content'], string>[number];
export type CacheMark = z.output<typeof cacheControl>;

export const blocksOf = (message: Message): readonly Block[] =>
  typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;

export function markOf(part: object): CacheMark | undefined {
  return (part as { readonly cache_control?: CacheMark | null }).cache_control ?? undefined;
}
