/** The blocks of a reply while they grow, and what they come to. Pure. */
import * as z from 'zod';
import type { JsonObject } from '#core/json.ts';
import type { AssistantBlock, ToolCall } from '#core/ports/language-model.ts';
import { badToolInputError, unreadableError } from './failures.ts';
import { wrapThinking } from './opaque-block.ts';
import type { BlockDelta, StartedBlock } from './stream-events.ts';

/** A tool's input is a handful of fields; this is far beyond and only keeps a runaway reply from filling memory. */
const toolInputCharsMax = 200_000;

type ToolUse = { type: 'tool_use'; id: string; name: string; json: string };
export type Block = Exclude<StartedBlock, { type: 'tool_use' }> | ToolUse;

const toolInputSchema = z.record(z.string(), z.json());

/** No input at all is an empty one: that is how the API sends a call without arguments. */
function toolCall(block: ToolUse): ToolCall {
  try {
    const input: JsonObject = block.json.trim() === '' ? {} : toolInputSchema.parse(JSON.parse(block.json));
    return { id: block.id, name: block.name, input };
  } catch (cause) {
    throw badToolInputError(cause);
  }
}

export function opened(block: StartedBlock): Block {
  return block.type === 'tool_use' ? { ...block, json: '' } : block;
}

/** Adds a piece to its block; a piece that does not belong to that kind of block is a breach of protocol. */
export function extended(block: Block, delta: BlockDelta): Block {
  if (delta.type === 'text_delta' && block.type === 'text')
    return { ...block, text: block.text + delta.text };
  if (delta.type === 'thinking_delta' && block.type === 'thinking') {
    return { ...block, thinking: block.thinking + delta.thinking };
  }
  if (delta.type === 'signature_delta' && block.type === 'thinking') {
    return { ...block, signature: block.signature + delta.signature };
  }
  if (delta.type === 'input_json_delta' && block.type === 'tool_use') {
    const json = block.json + delta.partial_json;
    if (json.length > toolInputCharsMax) throw unreadableError('tool-input-size');
    return { ...block, json };
  }
  throw unreadableError('delta-of-other-block');
}

function finishedBlock(block: Block, model: string): AssistantBlock | undefined {
  switch (block.type) {
    case 'text':
      return block.text === '' ? undefined : { type: 'text', text: block.text };
    case 'tool_use':
      return { type: 'tool-call', call: toolCall(block) };
    case 'thinking':
    case 'redacted_thinking':
      return { type: 'opaque', data: wrapThinking(model, block) };
  }
}

/**
 * Tool calls count only when the model stopped to have them run: after `max_tokens` the last one is cut in its
 * middle, and what is left may even look complete.
 *
 * @param blocks by their index in the reply.
 * @throws ProviderError when the input of a tool call that counts is not JSON.
 */
export function finishedBlocks(
  blocks: ReadonlyMap<number, Block>,
  options: { readonly model: string; readonly runTools: boolean },
): AssistantBlock[] {
  const inOrder = [...blocks.entries()].sort(([a], [b]) => a - b).map(([, block]) => block);
  const counted = options.runTools ? inOrder : inOrder.filter((block) => block.type !== 'tool_use');
  return counted.flatMap((block) => finishedBlock(block, options.model) ?? []);
}
