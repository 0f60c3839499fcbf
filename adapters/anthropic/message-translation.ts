/**
 * Our request as the Messages API takes it. Pure.
 *
 * The API refuses a request whose history does not add up, and a refused request is silence on the phone. So whatever
 * a history holds, what comes out here is valid: it begins and ends with the user's side, the sides take turns, no
 * text is empty, every tool call is answered in the very next message, and no answer lacks its call.
 */
import type {
  CacheControlEphemeral,
  ContentBlockParam,
  MessageCreateParamsStreaming,
  MessageParam,
  TextBlockParam,
  Tool,
  ToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/messages/messages';
import type {
  AssistantBlock,
  ModelMessage,
  ReplyRequest,
  SystemBlock,
  ToolDefinition,
  ToolResultBlock,
} from '#core/ports/language-model.ts';
import { ruleOfModel } from './model-rules.ts';
import { unwrapThinking } from './opaque-block.ts';

/** How long the stable prefix (tools and system) is kept by the vendor's cache. */
export type CacheTtl = '5m' | '1h';

/** The API takes four marks: one for the tools and one for the history leave two for the system prompt. */
const systemMarksMax = 2;

/** Stands where the API wants the user's side and the caller has said nothing. Static, so that prefixes stay equal. */
const callOpening = '[The call has just been connected.]';
const callerSilent = '[The caller has said nothing since.]';
/** Answers a tool call that was never carried out. */
const notRun = 'This tool was not run.';
const emptyResult = '(empty)';

type UserSide = { readonly side: 'user'; readonly results: ToolResultBlock[]; readonly texts: string[] };
type AssistantSide = { readonly side: 'assistant'; readonly blocks: AssistantBlock[] };
type Exchange = UserSide | AssistantSide;

const hasWords = (text: string) => text.trim() !== '';

/** Drops what the API refuses: blank texts, and thinking with nothing after it or of another model. */
function usableBlocks(blocks: readonly AssistantBlock[], model: string): AssistantBlock[] {
  const kept = blocks.filter((block) => {
    if (block.type === 'text') return hasWords(block.text);
    return block.type === 'tool-call' || unwrapThinking(model, block.data) !== undefined;
  });
  const lastSpoken = kept.findLastIndex((block) => block.type !== 'opaque');
  return kept.slice(0, lastSpoken + 1);
}

/** Neighbours of one side become one message. */
function takeTurns(messages: readonly ModelMessage[], model: string): Exchange[] {
  const exchanges: Exchange[] = [];

  const userSide = (): UserSide => {
    const last = exchanges.at(-1);
    if (last?.side === 'user') return last;
    const opened: UserSide = { side: 'user', results: [], texts: [] };
    exchanges.push(opened);
    return opened;
  };
  const addAssistant = (added: readonly AssistantBlock[]) => {
    const blocks = usableBlocks(added, model);
    const last = exchanges.at(-1);
    if (blocks.length === 0) return;
    if (last?.side === 'assistant') last.blocks.push(...blocks);
    else exchanges.push({ side: 'assistant', blocks: [...blocks] });
  };

  for (const message of messages) {
    if (message.role === 'assistant') addAssistant(message.blocks);
    else if (message.role === 'tool-results') userSide().results.push(...message.results);
    else if (hasWords(message.text)) userSide().texts.push(message.text);
  }
  return exchanges;
}

function callIds(exchange: Exchange | undefined): string[] {
  if (exchange?.side !== 'assistant') return [];
  return exchange.blocks.flatMap((block) => (block.type === 'tool-call' ? [block.call.id] : []));
}

/** Every call of the assistant's message gets its one result, in order; results of other calls are left out. */
function answersTo(ids: readonly string[], results: readonly ToolResultBlock[]): ToolResultBlock[] {
  return ids.map(
    (id) => results.find((result) => result.callId === id) ?? { callId: id, content: notRun, failed: true },
  );
}

/** Puts the missing pieces in, so that the exchanges alternate, begin and end with the user and answer every call. */
function complete(exchanges: readonly Exchange[]): Exchange[] {
  const completed: Exchange[] = [];
  for (const exchange of exchanges) {
    const ids = callIds(completed.at(-1));
    if (exchange.side === 'user') {
      const side: UserSide = { ...exchange, results: answersTo(ids, exchange.results) };
      if (side.results.length + side.texts.length > 0) completed.push(side);
      continue;
    }
    const previous = completed.at(-1);
    if (previous === undefined) completed.push({ side: 'user', results: [], texts: [callOpening] });
    if (previous?.side === 'assistant') previous.blocks.push(...exchange.blocks);
    else completed.push({ side: 'assistant', blocks: [...exchange.blocks] });
  }
  const last = completed.at(-1);
  if (last?.side === 'user') return completed;
  const results = answersTo(callIds(last), []);
  const texts = results.length > 0 ? [] : [last === undefined ? callOpening : callerSilent];
  return [...completed, { side: 'user', results, texts }];
}

function resultParam(result: ToolResultBlock): ToolResultBlockParam {
  return {
    type: 'tool_result',
    tool_use_id: result.callId,
    content: hasWords(result.content) ? result.content : emptyResult,
    ...(result.failed ? { is_error: true } : {}),
  };
}

function assistantParam(block: AssistantBlock, model: string): ContentBlockParam[] {
  if (block.type === 'text') return [{ type: 'text', text: block.text }];
  if (block.type === 'tool-call') {
    return [{ type: 'tool_use', id: block.call.id, name: block.call.name, input: block.call.input }];
  }
  const thinking = unwrapThinking(model, block.data);
  return thinking ? [thinking] : [];
}

function contentOf(exchange: Exchange, model: string): ContentBlockParam[] {
  if (exchange.side === 'assistant') return exchange.blocks.flatMap((block) => assistantParam(block, model));
  const texts = exchange.texts.map((text): ContentBlockParam => ({ type: 'text', text }));
  return [...exchange.results.map(resultParam), ...texts];
}

/** Marks the end of a prefix; thinking blocks cannot carry a mark, and the last block of a request never is one. */
function markLast(content: ContentBlockParam[], mark: CacheControlEphemeral): ContentBlockParam[] {
  const last = content.at(-1);
  if (last?.type !== 'text' && last?.type !== 'tool_result') return content;
  return [...content.slice(0, -1), { ...last, cache_control: mark }];
}

export function translateMessages(messages: readonly ModelMessage[], model: string): MessageParam[] {
  const exchanges = complete(takeTurns(messages, model));
  return exchanges.map((exchange, index): MessageParam => {
    const content = contentOf(exchange, model);
    if (exchange.side === 'assistant') return { role: 'assistant', content };
    const isLast = index === exchanges.length - 1;
    // The history changes every turn: the dearer one-hour entry would be paid each time and read once.
    return { role: 'user', content: isLast ? markLast(content, { type: 'ephemeral', ttl: '5m' }) : content };
  });
}

function translateSystem(blocks: readonly SystemBlock[], ttl: CacheTtl): TextBlockParam[] {
  const spoken = blocks.filter((block) => hasWords(block.text));
  const marked = spoken.filter((block) => block.cached).slice(-systemMarksMax);
  return spoken.map((block) => ({
    type: 'text',
    text: block.text,
    ...(marked.includes(block) ? { cache_control: { type: 'ephemeral', ttl } } : {}),
  }));
}

function translateTools(tools: readonly ToolDefinition[], ttl: CacheTtl): Tool[] {
  return tools.map((tool, index) => ({
    name: tool.name,
    description: tool.description,
    input_schema: { ...tool.inputSchema, type: 'object' },
    ...(index === tools.length - 1 ? { cache_control: { type: 'ephemeral', ttl } } : {}),
  }));
}

/**
 * The whole body. Nothing in it says who the caller is, and never a sampling setting: the API refuses them.
 *
 * @param ttl of the tools and the system prompt.
 */
export function translateRequest(request: ReplyRequest, ttl: CacheTtl): MessageCreateParamsStreaming {
  const rule = ruleOfModel(request.model);
  const system = translateSystem(request.system, ttl);
  const tools = translateTools(request.tools, ttl);
  return {
    model: request.model,
    max_tokens: request.maxTokens + (rule.thinkingTokens ?? 0),
    stream: true,
    ...(system.length > 0 ? { system } : {}),
    ...(tools.length > 0 ? { tools } : {}),
    messages: translateMessages(request.messages, request.model),
    ...(rule.thinking ? { thinking: rule.thinking } : {}),
    ...(rule.effort ? { output_config: { effort: rule.effort } } : {}),
  };
}
