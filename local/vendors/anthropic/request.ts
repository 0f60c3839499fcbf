/** A Messages request as the API checks it: the shape by schema, the order of turns by hand. */
import * as z from 'zod';
import { models } from './models.ts';

const cacheControl = z.strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() });
const textBlock = z.strictObject({
  type: z.literal('text'),
  text: z.string().min(1, 'text content blocks must be non-empty'),
  cache_control: cacheControl.optional(),
});
const toolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string().regex(/^[A-Za-z0-9_-]+$/),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
  cache_control: cacheControl.optional(),
});
const toolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(textBlock)]).optional(),
  is_error: z.boolean().optional(),
  cache_control: cacheControl.optional(),
});
const thinkingBlock = z.strictObject({
  type: z.literal('thinking'),
  thinking: z.string(),
  signature: z.string(),
});

const messageSchema = z.discriminatedUnion('role', [
  z.strictObject({
    role: z.literal('user'),
    content: z.union([
      z.string().min(1),
      z.array(z.discriminatedUnion('type', [textBlock, toolResult])).min(1),
    ]),
  }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.union([
      z.string().min(1),
      z.array(z.discriminatedUnion('type', [textBlock, toolUse, thinkingBlock])).min(1),
    ]),
  }),
]);

const toolSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'tool names are letters, digits, _ and -, up to 64'),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal('object') }),
  strict: z.boolean().optional(),
  cache_control: cacheControl.optional(),
});

export const requestSchema = z.strictObject({
  model: z.string(),
  max_tokens: z.number().int().min(0),
  messages: z.array(messageSchema).min(1),
  system: z.union([z.string(), z.array(textBlock)]).optional(),
  tools: z.array(toolSchema).optional(),
  tool_choice: z
    .strictObject({
      type: z.enum(['auto', 'any', 'tool', 'none']),
      name: z.string().optional(),
      disable_parallel_tool_use: z.boolean().optional(),
    })
    .optional(),
  thinking: z
    .object({ type: z.enum(['adaptive', 'between_tools', 'disabled', 'enabled']) })
    .loose()
    .optional(),
  output_config: z
    .looseObject({ effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional() })
    .optional(),
  stop_sequences: z.array(z.string()).optional(),
  metadata: z.strictObject({ user_id: z.string().optional() }).optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
  stream: z.boolean().optional(),
});
export type MessagesRequest = z.infer<typeof requestSchema>;
export type Block = Exclude<MessagesRequest['messages'][number]['content'], string>[number];

const cacheMarksMax = 4;

export const blocksOf = (message: MessagesRequest['messages'][number]): readonly Block[] =>
  typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;

/** @returns what the API would answer 400 to, if anything. */
export function findProblem(request: MessagesRequest): string | undefined {
  return modelProblem(request) ?? cacheProblem(request) ?? turnsProblem(request);
}

function modelProblem({
  model,
  thinking,
  tool_choice,
  tools,
  messages,
}: MessagesRequest): string | undefined {
  const facts = models[model];
  if (!facts) return undefined;
  if (thinking && facts.refusesThinking.includes(thinking.type))
    return `thinking.type ${thinking.type} is not supported by ${model}`;
  if (facts.refusesForcedTool && (tool_choice?.type === 'any' || tool_choice?.type === 'tool'))
    return `tool_choice ${tool_choice.type} is not supported by ${model}`;
  if (facts.refusesPrefill && messages.at(-1)?.role === 'assistant')
    return 'this model does not support assistant message prefill';
  const names = (tools ?? []).map(({ name }) => name);
  if (new Set(names).size < names.length) return 'tools: tool names must be unique';
  return undefined;
}

function cacheProblem({ tools, system, messages }: MessagesRequest): string | undefined {
  const blocks = [
    ...(tools ?? []),
    ...(Array.isArray(system) ? system : []),
    ...messages.flatMap((message) => [...blocksOf(message)]),
  ];
  const marks = blocks.flatMap((block) =>
    'cache_control' in block && block.cache_control ? [block.cache_control] : [],
  );
  if (marks.length > cacheMarksMax)
    return `a maximum of ${cacheMarksMax} blocks with cache_control may be provided`;
  const firstShort = marks.findIndex(({ ttl }) => ttl !== '1h');
  if (firstShort !== -1 && marks.slice(firstShort).some(({ ttl }) => ttl === '1h'))
    return 'a ttl of 1h must not come after a ttl of 5m';
  return undefined;
}

/** Every `tool_use` is answered in the next message, before any text; nothing else may be answered. */
function turnsProblem({ messages, tools }: MessagesRequest): string | undefined {
  if (messages[0]?.role !== 'user') return 'messages: first message must use the user role';
  let open: readonly string[] = [];
  for (const [i, message] of messages.entries()) {
    const blocks = blocksOf(message);
    const answered = blocks.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : []));
    const missing = open.find((id) => !answered.includes(id));
    if (missing !== undefined)
      return `messages.${i}: tool_use ids were found without tool_result blocks immediately after: ${missing}`;
    const unknown = answered.find((id) => !open.includes(id));
    if (unknown !== undefined)
      return `messages.${i}: unexpected tool_use_id found in tool_result blocks: ${unknown}`;
    const firstText = blocks.findIndex(({ type }) => type === 'text');
    const lastResult = blocks.findLastIndex(({ type }) => type === 'tool_result');
    if (firstText !== -1 && lastResult > firstText)
      return `messages.${i}: tool_result blocks must come before text`;
    open = blocks.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
    if (open.length > 0 && !tools) return 'tools: must be defined when messages contain tool_use blocks';
  }
  return open.length > 0 ? 'messages: the last tool_use has no tool_result' : undefined;
}
