/** One streamed answer, event by event, at the pace of a model. */
import type { ServerResponse } from 'node:http';
import { pause } from '../pause.ts';
import type { ScriptedAnswer } from './answer.ts';
import {
  type AnthropicDelays,
  type AnthropicFault,
  type ContentBlock,
  contentOf,
  messageOf,
  outputTokensOf,
  stopReasonOf,
} from './message.ts';
import { type PromptUsage, tokensOf } from './prompt-cache.ts';
import type { MessagesRequest } from './request.ts';

export interface StreamedAnswer {
  readonly request: MessagesRequest;
  readonly answer: ScriptedAnswer;
  readonly usage: PromptUsage;
  readonly requestId: string;
  readonly fault: AnthropicFault | undefined;
  readonly delays: Required<AnthropicDelays>;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  /** The response begins: the prompt counts, and what it wrote to the cache can be read. */
  readonly begin: () => void;
}

/** @returns the output tokens that were made. */
export async function streamAnswer(response: ServerResponse, sent: StreamedAnswer): Promise<number> {
  const { answer, usage, request, delays, signal, fault } = sent;
  if (!(await pause(delays.firstTokenMs, signal))) return 0;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'request-id': sent.requestId,
  });
  sent.begin();
  const send = (type: string, body: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...body })}\n\n`);
  send('message_start', { message: messageOf(request, usage, 1) });
  send('ping', {});
  let made = 0;
  for (const [index, block] of contentOf(answer).entries()) {
    made += await streamBlock(sent, send, index, block);
    if (signal.aborted) return made;
    if (fault) return breakOff(response, send, fault, signal, made);
  }
  const outputTokens = outputTokensOf(answer);
  send('message_delta', {
    delta: { stop_reason: stopReasonOf(answer), stop_sequence: null },
    usage: {
      input_tokens: usage.inputTokens,
      cache_creation_input_tokens: usage.write5mTokens + usage.write1hTokens,
      cache_read_input_tokens: usage.readTokens,
      output_tokens: outputTokens,
    },
  });
  send('message_stop', {});
  response.end();
  return outputTokens;
}

type Send = (type: string, body: object) => void;

async function streamBlock(
  { delays, signal }: StreamedAnswer,
  send: Send,
  index: number,
  block: ContentBlock,
): Promise<number> {
  const start = block.type === 'text' ? { type: 'text', text: '' } : { ...block, input: {} };
  send('content_block_start', { index, content_block: start });
  const text = block.type === 'text' ? block.text : JSON.stringify(block.input);
  const kind = block.type === 'text' ? 'text_delta' : 'input_json_delta';
  const field = block.type === 'text' ? 'text' : 'partial_json';
  if (block.type === 'tool_use') send('content_block_delta', { index, delta: { type: kind, [field]: '' } });
  let made = 0;
  for (const piece of text.match(/\S+\s*|\s+/g) ?? []) {
    send('content_block_delta', { index, delta: { type: kind, [field]: piece } });
    made += tokensOf(piece);
    if (!(await pause((tokensOf(piece) / delays.tokensPerSec) * 1000, signal))) return made;
  }
  send('content_block_stop', { index });
  return made;
}

async function breakOff(
  response: ServerResponse,
  send: Send,
  fault: AnthropicFault,
  signal: AbortSignal,
  made: number,
): Promise<number> {
  if (fault.kind === 'mid-stream-error') send('error', { error: { type: fault.type, message: 'Simulated' } });
  if (fault.kind === 'stall')
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  if (fault.kind === 'cut') response.destroy();
  else response.end();
  return made;
}
