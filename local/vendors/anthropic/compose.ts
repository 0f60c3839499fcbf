/** From what is to be said to what is sent: blocks, limits, token counts. The same streamed or whole. */
import { randomBytes } from 'node:crypto';
import type { ScriptedAnswer } from './answer.ts';
import type { PromptUsage } from './prompt-cache.ts';
import type { MessagesRequest } from './request.ts';
import { signedBlock, type ThinkingBlock, thinkBefore } from './thinking.ts';
import { cutToTokens, tokensOf } from './tokens.ts';

export type ComposedBlock =
  | ThinkingBlock
  | { readonly type: 'text'; readonly text: string }
  /** `json` is cut off when the limit of tokens is reached in it. */
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly json: string };

export interface ComposedMessage {
  readonly id: string;
  readonly blocks: readonly ComposedBlock[];
  readonly stopReason: string;
  readonly stopSequence: string | null;
  readonly outputTokens: number;
  readonly thinkingTokens: number;
}

const newId = (prefix: string) => `${prefix}_01${randomBytes(11).toString('hex')}`;

/** A remark before a tool call that is longer than a sentence or two is not said aloud by Sonnet 5.5. */
const remarkCharsMax = 160;

/** Text before a tool call; some models hand a longer one over as thinking (Sonnet 5.5 migration guide). */
function noteBlocks(request: MessagesRequest, answer: ScriptedAnswer): readonly ComposedBlock[] {
  const { text = '', toolCalls = [] } = answer;
  if (text === '') return [];
  const isSilent =
    request.model === 'claude-sonnet-5-5' && toolCalls.length > 0 && text.length > remarkCharsMax;
  if (!isSilent) return [{ type: 'text', text }];
  return [signedBlock(request.model, request.thinking?.type === 'between_tools' ? text : '')];
}

/** Takes blocks until the tokens are used up. */
function limit(model: string, blocks: readonly ComposedBlock[], tokensMax: number) {
  const taken: ComposedBlock[] = [];
  let left = tokensMax;
  for (const block of blocks) {
    const text = block.type === 'text' ? block.text : block.type === 'tool_use' ? block.json : block.thinking;
    const name = block.type === 'tool_use' ? tokensOf(model, block.name) : 0;
    const tokens = tokensOf(model, text) + name;
    if (tokens <= left) {
      taken.push(block);
      left -= tokens;
      continue;
    }
    const rest = cutToTokens(model, text, left - name);
    if (block.type === 'text' && rest !== '') taken.push({ ...block, text: rest });
    if (block.type === 'tool_use' && left > name) taken.push({ ...block, json: rest });
    return { blocks: taken, isCut: true, tokens: tokensMax };
  }
  return { blocks: taken, isCut: false, tokens: tokensMax - left };
}

function stopAt(
  answer: ScriptedAnswer,
  sequences: readonly string[],
): { readonly answer: ScriptedAnswer; readonly sequence: string | null } {
  const { text = '' } = answer;
  const found = sequences
    .map((sequence) => ({ sequence, at: text.indexOf(sequence) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)[0];
  if (!found) return { answer, sequence: null };
  return { answer: { text: text.slice(0, found.at) }, sequence: found.sequence };
}

export function compose(request: MessagesRequest, wanted: ScriptedAnswer): ComposedMessage {
  const { model } = request;
  const { answer, sequence } = stopAt(wanted, request.stop_sequences ?? []);
  const thought = thinkBefore(request);
  const thinkingTokens = thought ? Math.min(request.max_tokens, tokensOf(model, thought.thought)) : 0;
  const calls = (answer.toolCalls ?? []).map(
    ({ name, input }): ComposedBlock => ({
      type: 'tool_use',
      id: newId('toolu'),
      name,
      json: JSON.stringify(input),
    }),
  );
  const said = limit(model, [...noteBlocks(request, answer), ...calls], request.max_tokens - thinkingTokens);
  const ownReason = answer.stopReason ?? (calls.length > 0 ? 'tool_use' : 'end_turn');
  return {
    id: newId('msg'),
    blocks: [...(thought && thinkingTokens > 0 ? [thought.block] : []), ...said.blocks],
    stopReason: said.isCut ? 'max_tokens' : sequence === null ? ownReason : 'stop_sequence',
    stopSequence: said.isCut ? null : sequence,
    outputTokens: thinkingTokens + said.tokens,
    thinkingTokens,
  };
}

const promptFields = (usage: PromptUsage) => ({
  input_tokens: usage.inputTokens,
  cache_creation_input_tokens: usage.write5mTokens + usage.write1hTokens,
  cache_read_input_tokens: usage.readTokens,
});

/** What `message_start` says: the prompt is counted, the output is not known. */
export function startOf(request: MessagesRequest, message: ComposedMessage, usage: PromptUsage): object {
  return {
    id: message.id,
    type: 'message',
    role: 'assistant',
    model: request.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    usage: {
      ...promptFields(usage),
      cache_creation: {
        ephemeral_5m_input_tokens: usage.write5mTokens,
        ephemeral_1h_input_tokens: usage.write1hTokens,
      },
      output_tokens: 1,
      service_tier: 'standard',
      inference_geo: 'global',
    },
  };
}

const stopDetailsOf = ({ stopReason }: ComposedMessage) =>
  stopReason === 'refusal' ? { type: 'refusal', category: null, explanation: null } : null;

/** What `message_delta` says: totals, without the split of cache writes. */
export function endOf(message: ComposedMessage, usage: PromptUsage): object {
  return {
    delta: {
      stop_reason: message.stopReason,
      stop_sequence: message.stopSequence,
      stop_details: stopDetailsOf(message),
      container: null,
    },
    usage: {
      ...promptFields(usage),
      output_tokens: message.outputTokens,
      output_tokens_details: { thinking_tokens: message.thinkingTokens },
    },
  };
}

/** The answer to a request without `stream`. */
export function wholeOf(request: MessagesRequest, message: ComposedMessage, usage: PromptUsage): object {
  const start = startOf(request, message, usage) as { usage: object };
  const content = message.blocks.map((block) => {
    if (block.type !== 'tool_use') return block;
    const { id, name, json } = block;
    return { type: 'tool_use', id, name, input: message.stopReason === 'max_tokens' ? {} : JSON.parse(json) };
  });
  return {
    ...start,
    content,
    stop_reason: message.stopReason,
    stop_sequence: message.stopSequence,
    stop_details: stopDetailsOf(message),
    usage: {
      ...start.usage,
      output_tokens: message.outputTokens,
      output_tokens_details: { thinking_tokens: message.thinkingTokens },
    },
  };
}
