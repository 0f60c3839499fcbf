/** What the API answers 400 to although the shape of the request is right. */
import { factsOf, type ModelFacts } from './models.ts';
import { blocksOf, type Message, type MessagesRequest, markOf } from './request.ts';
import { isSigned } from './thinking.ts';
import { tokensOf } from './tokens.ts';

const cacheMarksMax = 4;
const samplingSettings = ['temperature', 'top_p', 'top_k'] as const;
/** From this version of the API on, sampling settings are refused. */
const versionWithoutSampling = '2026-10-21';

type Check = (request: MessagesRequest, facts: ModelFacts, version: string) => string | undefined;

const checkSampling: Check = (request, _facts, version) => {
  const given = samplingSettings.find((name) => request[name] !== undefined);
  return given && version === versionWithoutSampling ? `${given}: Extra inputs are not permitted` : undefined;
};

const checkThinking: Check = ({ model, thinking, max_tokens, output_config }, facts) => {
  const effort = output_config?.effort;
  if (effort && !facts.takesEffort) return `output_config.effort: not supported by ${model}`;
  if (!thinking) return undefined;
  if (!facts.thinking.includes(thinking.type))
    return `thinking.type: "${thinking.type}" is not supported by ${model}`;
  if (thinking.type === 'enabled' && thinking.budget_tokens >= max_tokens)
    return 'max_tokens must be greater than thinking.budget_tokens';
  if (
    (thinking.type === 'disabled' || thinking.type === 'between_tools') &&
    (effort === 'xhigh' || effort === 'max')
  )
    return `thinking.type: "${thinking.type}" needs an effort of high or less`;
  return undefined;
};

const checkToolChoice: Check = ({ model, tool_choice, tools, thinking }, facts) => {
  if (!tool_choice) return undefined;
  if (!tools || tools.length === 0) return 'tool_choice may only be specified while providing tools';
  const isForced = tool_choice.type === 'any' || tool_choice.type === 'tool';
  if (isForced && !facts.takesForcedTool)
    return `tool_choice.type: "${tool_choice.type}" is not supported by ${model}`;
  if (isForced && thinking && thinking.type !== 'disabled')
    return 'Thinking may not be enabled when tool_choice forces tool use';
  if (tool_choice.type === 'tool' && !tools.some((tool) => tool.name === tool_choice.name))
    return `Tool '${tool_choice.name}' not found in provided tools`;
  return undefined;
};

const checkTools: Check = ({ tools = [] }) => {
  const names = tools.map((tool) => tool.name);
  if (new Set(names).size < names.length) return 'tools: Tool names must be unique';
  for (const [i, { input_schema, strict }] of tools.entries()) {
    if (['oneOf', 'allOf', 'anyOf'].some((key) => key in input_schema))
      return `tools.${i}.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level`;
    if (strict && input_schema['additionalProperties'] !== false)
      return `tools.${i}.custom: strict needs "additionalProperties": false`;
  }
  return undefined;
};

const checkCacheMarks: Check = ({ tools = [], system, messages, cache_control }) => {
  const blocks = [
    ...tools,
    ...(Array.isArray(system) ? system : []),
    ...messages.flatMap((message) => blocksOf(message)),
  ];
  const marks = [
    ...blocks.flatMap((block) => markOf(block) ?? []),
    ...(cache_control ? [cache_control] : []),
  ];
  if (marks.length > cacheMarksMax)
    return `A maximum of ${cacheMarksMax} blocks with cache_control may be provided. Found ${marks.length}.`;
  const firstShort = marks.findIndex(({ ttl }) => ttl !== '1h');
  if (firstShort >= 0 && marks.slice(firstShort).some(({ ttl }) => ttl === '1h'))
    return 'a ttl=1h cache_control block must not come after a ttl=5m cache_control block';
  return undefined;
};

const checkTexts: Check = ({ system, messages }) => {
  const systemTexts = Array.isArray(system) ? system.map(({ text }) => text) : [];
  if (systemTexts.some((text) => text === '')) return 'system: text content blocks must be non-empty';
  for (const [i, message] of messages.entries()) {
    if (message.content === '') return `messages.${i}: all messages must have non-empty content`;
    for (const block of blocksOf(message)) {
      if (block.type !== 'text') continue;
      if (block.text === '') return `messages.${i}: text content blocks must be non-empty`;
      if (block.text.trim() === '')
        return `messages.${i}: text content blocks must contain non-whitespace text`;
    }
  }
  return undefined;
};

const checkTurns: Check = ({ messages, model }, facts) => {
  if (messages[0]?.role !== 'user') return 'messages: first message must use the "user" role';
  const repeated = messages.findIndex((message, i) => i > 0 && message.role === messages[i - 1]?.role);
  if (repeated > 0) return `messages.${repeated}: roles must alternate between "user" and "assistant"`;
  const last = messages.at(-1);
  if (last?.role !== 'assistant') return undefined;
  if (!facts.takesPrefill) return `This model does not support assistant message prefill: ${model}`;
  const text = blocksOf(last).at(-1);
  return text?.type === 'text' && text.text !== text.text.trimEnd()
    ? 'messages: final assistant content cannot end with trailing whitespace'
    : undefined;
};

function checkResults(message: Message, open: readonly string[]): string | undefined {
  const blocks = blocksOf(message);
  const answered = blocks.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : []));
  const missing = open.filter((id) => !answered.includes(id));
  if (missing.length > 0)
    return `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}`;
  const unknown = answered.find((id) => !open.includes(id));
  if (unknown !== undefined) return `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${unknown}`;
  if (new Set(answered).size < answered.length) return 'each tool_use must have a single result';
  const firstText = blocks.findIndex(({ type }) => type === 'text');
  const lastResult = blocks.findLastIndex(({ type }) => type === 'tool_result');
  return firstText >= 0 && lastResult > firstText ? '`tool_result` blocks must come before text' : undefined;
}

/** Every `tool_use` is answered in the next message, before any text; nothing else may be answered. */
const checkToolTurns: Check = ({ messages, tools }) => {
  let open: readonly string[] = [];
  const known = new Set<string>();
  for (const [i, message] of messages.entries()) {
    const problem = checkResults(message, open);
    if (problem !== undefined) return `messages.${i}: ${problem}`;
    open = blocksOf(message).flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
    if (open.some((id) => known.has(id))) return `messages.${i}: \`tool_use\` ids must be unique`;
    for (const id of open) known.add(id);
  }
  if (open.length > 0)
    return `messages: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(', ')}`;
  return known.size > 0 && !tools?.length
    ? 'tools: Requests with tool_use blocks must define tools'
    : undefined;
};

/** Thinking goes back as it came, to the model that thought it. */
const checkThinkingBlocks: Check = ({ messages, model }) => {
  for (const [i, message] of messages.entries()) {
    const blocks = blocksOf(message);
    const forged = blocks.some(
      (block) => block.type === 'redacted_thinking' || (block.type === 'thinking' && !isSigned(model, block)),
    );
    if (forged) return `messages.${i}: Invalid \`signature\` in \`thinking\` block`;
    const last = blocks.at(-1)?.type;
    if (last === 'thinking')
      return `messages.${i}: The final block in an assistant message cannot be \`thinking\``;
  }
  return undefined;
};

const checkLength: Check = (request, facts) => {
  const { model, tools, system, messages } = request;
  const tokens = tokensOf(model, JSON.stringify([tools, system, messages]));
  return tokens + request.max_tokens > facts.contextTokensMax
    ? `prompt is too long: ${tokens} tokens > ${facts.contextTokensMax} maximum`
    : undefined;
};

const checks: readonly Check[] = [
  checkSampling,
  checkThinking,
  checkToolChoice,
  checkTools,
  checkCacheMarks,
  checkTexts,
  checkTurns,
  checkToolTurns,
  checkThinkingBlocks,
  checkLength,
];

/** @returns the first thing wrong, in the API's words where they are known. The model must exist. */
export function findProblem(request: MessagesRequest, version: string): string | undefined {
  const facts = factsOf(request.model);
  if (!facts) return undefined;
  for (const check of checks) {
    const problem = check(request, facts, version);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
