/** The parts of an answer that are the same streamed or whole. */
import { randomBytes } from 'node:crypto';
import type { ScriptedAnswer } from './answer.ts';
import { type PromptUsage, tokensOf } from './prompt-cache.ts';
import type { MessagesRequest } from './request.ts';

export interface AnthropicDelays {
  /** From the request to the first event with words. */
  readonly firstTokenMs?: number;
  readonly tokensPerSec?: number;
}

/** `status` answers with that error; the others break the stream after it began. */
export type AnthropicFault =
  | {
      readonly on: 'messages';
      readonly kind: 'status';
      readonly status: number;
      readonly type: string;
      readonly retryAfterSecs?: number;
    }
  | { readonly on: 'messages'; readonly kind: 'mid-stream-error'; readonly type: string }
  | { readonly on: 'messages'; readonly kind: 'stall' | 'cut' | 'no-message-stop' };

export const stopReasonOf = (answer: ScriptedAnswer): string =>
  answer.stopReason ?? (answer.toolCalls?.length ? 'tool_use' : 'end_turn');

export type ContentBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: object };

export function contentOf({ text, toolCalls = [] }: ScriptedAnswer): readonly ContentBlock[] {
  const calls = toolCalls.map(({ name, input }) => {
    const id = `toolu_${randomBytes(12).toString('hex')}`;
    return { type: 'tool_use', id, name, input } as const;
  });
  return [...(text ? [{ type: 'text', text } as const] : []), ...calls];
}

export const outputTokensOf = (answer: ScriptedAnswer): number =>
  Math.max(1, tokensOf(`${answer.text ?? ''}${JSON.stringify(answer.toolCalls ?? '')}`));

export function messageOf(request: MessagesRequest, usage: PromptUsage, outputTokens: number): object {
  return {
    id: `msg_${randomBytes(12).toString('hex')}`,
    type: 'message',
    role: 'assistant',
    model: request.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: {
      input_tokens: usage.inputTokens,
      output_tokens: outputTokens,
      cache_creation_input_tokens: usage.write5mTokens + usage.write1hTokens,
      cache_read_input_tokens: usage.readTokens,
      cache_creation: {
        ephemeral_5m_input_tokens: usage.write5mTokens,
        ephemeral_1h_input_tokens: usage.write1hTokens,
      },
      service_tier: 'standard',
    },
  };
}
