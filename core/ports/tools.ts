import type { CallSid } from '../ids.ts';
import type { ToolCall, ToolDefinition } from './language-model.ts';

/** How a tool ended. `failed` holds the tool's own text for the model; the caller never hears it read out. */
export type ToolResult =
  | { readonly status: 'ok'; readonly content: string }
  | { readonly status: 'failed'; readonly code: string; readonly content: string }
  | { readonly status: 'timed-out'; readonly afterMs: number }
  | { readonly status: 'cancelled' };

export interface ToolRunOptions {
  readonly callSid: CallSid;
  readonly signal: AbortSignal;
}

/** The tools this deployment really has; one that cannot work here is not offered. */
export interface Tools {
  /** What can be called now; empty while the server is away. Never waits, and the same order every time. */
  definitions(): readonly ToolDefinition[];
  /** Never throws: every failure is a result. Bounded in time by the adapter. */
  run(call: ToolCall, options: ToolRunOptions): Promise<ToolResult>;
  close(): Promise<void>;
}
