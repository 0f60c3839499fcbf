import type { ModelUsage } from '../costs/usage.ts';
import type { JsonObject, JsonValue } from '../json.ts';

/** A tool as the model sees it. `inputSchema` is a JSON Schema of type object. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly input: JsonObject;
}

/** `opaque` is something of the vendor's that must go back unchanged (a thinking block). */
export type AssistantBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool-call'; readonly call: ToolCall }
  | { readonly type: 'opaque'; readonly data: JsonValue };

export interface ToolResultBlock {
  readonly callId: string;
  readonly content: string;
  readonly failed: boolean;
}

export type ModelMessage =
  | { readonly role: 'caller'; readonly text: string }
  | { readonly role: 'tool-results'; readonly results: readonly ToolResultBlock[] }
  | { readonly role: 'assistant'; readonly blocks: readonly AssistantBlock[] };

/** A piece of the system prompt. `cached` marks the end of a prefix that is the same for many requests. */
export interface SystemBlock {
  readonly text: string;
  readonly cached: boolean;
}

export interface ReplyRequest {
  readonly model: string;
  readonly maxTokens: number;
  readonly system: readonly SystemBlock[];
  readonly tools: readonly ToolDefinition[];
  readonly messages: readonly ModelMessage[];
}

export type StopReason = 'end' | 'tool-calls' | 'max-tokens' | 'refusal' | 'other';

/**
 * - `usage` comes when the prompt has been counted (`final: false`, output not yet known) and at the end (`final: true`)
 * - `end` is the last part of a complete reply; a stream that ends without it throws `ProviderError`
 */
export type ReplyPart =
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'tool-call'; readonly call: ToolCall }
  | { readonly type: 'usage'; readonly usage: ModelUsage; readonly final: boolean }
  | { readonly type: 'end'; readonly stopReason: StopReason; readonly blocks: readonly AssistantBlock[] };

export const rateLimitKinds = ['requests', 'tokens', 'input-tokens', 'output-tokens'] as const;

/** How much of what may be sent in a minute is left, as the vendor's answers say. */
export interface RateLimitReading {
  readonly model: string;
  readonly kind: (typeof rateLimitKinds)[number];
  readonly limit: number;
  readonly remaining: number;
}

export interface LanguageModel {
  /** Throws `ProviderError`, or `CancelledError` when the signal aborted. Makes no retry of its own. */
  reply(request: ReplyRequest, options: { readonly signal: AbortSignal }): AsyncIterable<ReplyPart>;
}
