/** One streamed answer, event by event, at the pace of a model. */
import type { ServerResponse } from 'node:http';
import { pause } from '../pause.ts';
import { type ComposedBlock, type ComposedMessage, endOf, startOf } from './compose.ts';
import type { StreamFault } from './faults.ts';
import type { PromptUsage } from './prompt-cache.ts';
import type { MessagesRequest } from './request.ts';
import { tokensOfChars } from './tokens.ts';

export interface AnthropicDelays {
  /** From the request to the first event with words, without thinking. */
  readonly firstTokenMs: number;
  readonly tokensPerSec: number;
  /** Thinking before the first word, where it is on. */
  readonly thinkingMs: number;
}

export interface StreamedAnswer {
  readonly request: MessagesRequest;
  readonly message: ComposedMessage;
  readonly usage: PromptUsage;
  readonly headers: Readonly<Record<string, string>>;
  readonly fault: StreamFault | undefined;
  readonly delays: AnthropicDelays;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  /** The response begins: what the prompt wrote to the cache can be read. */
  readonly begin: () => void;
}

/** The headers and `message_start` come when the prompt was read, the first word when it was thought of. */
const promptShare = 0.75;

interface Delta {
  readonly body: object;
  /** Of the output made with it. */
  readonly chars: number;
}

/** Text leaves word by word; the input of a tool in small pieces, the first of them empty. */
function deltasOf(block: ComposedBlock): Delta[] {
  switch (block.type) {
    case 'thinking': {
      const shown = { type: 'thinking_delta', thinking: block.thinking };
      const signed = { body: { type: 'signature_delta', signature: block.signature }, chars: 0 };
      return block.thinking === '' ? [signed] : [{ body: shown, chars: 0 }, signed];
    }
    case 'text':
      return (block.text.match(/\s*\S+\s*/g) ?? [block.text]).map((text) => ({
        body: { type: 'text_delta', text },
        chars: text.length,
      }));
    case 'tool_use':
      return ['', ...(block.json.match(/.{1,12}/gs) ?? [])].map((partial_json, i) => ({
        body: { type: 'input_json_delta', partial_json },
        chars: partial_json.length + (i === 0 ? block.name.length : 0),
      }));
  }
}

function startOfBlock(block: ComposedBlock): object {
  if (block.type === 'text') return { type: 'text', text: '' };
  if (block.type === 'thinking') return { type: 'thinking', thinking: '', signature: '' };
  return { type: 'tool_use', id: block.id, name: block.name, input: {} };
}

/** Waits until what was made so far is due: a late timer does not make the model slower. */
function createPace({ delays, message, signal, request }: StreamedAnswer, requestedMs: number) {
  const { thinkingTokens } = message;
  const firstWordMs = requestedMs + delays.firstTokenMs + (thinkingTokens > 0 ? delays.thinkingMs : 0);
  let chars = 0;
  const spokenTokens = () => tokensOfChars(request.model, chars);
  return {
    tokens: () => thinkingTokens + spokenTokens(),
    made(more: number) {
      chars += more;
    },
    /** @returns false when the client is gone. */
    wait: () =>
      pause(firstWordMs + (spokenTokens() / delays.tokensPerSec) * 1_000 - performance.now(), signal),
  };
}

async function breakOff(
  response: ServerResponse,
  send: (type: string, body: object) => void,
  { fault, signal }: StreamedAnswer,
): Promise<void> {
  switch (fault?.kind) {
    case 'mid-stream-error':
      send('error', { error: { type: fault.type, message: 'Asked for by a test' } });
      response.end();
      return;
    case 'cut':
      response.destroy();
      return;
    case 'stall':
      await new Promise((resolve) => {
        if (signal.aborted) resolve(undefined);
        signal.addEventListener('abort', resolve, { once: true });
      });
      return;
    default:
      response.end();
  }
}

/** @returns the output tokens that were made, also when the client left in the middle. */
export async function streamAnswer(response: ServerResponse, answer: StreamedAnswer): Promise<number> {
  const { request, message, usage, delays, signal, fault } = answer;
  const requestedMs = performance.now();
  const pace = createPace(answer, requestedMs);
  const send = (type: string, body: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...body })}\n\n`);

  if (!(await pause(delays.firstTokenMs * promptShare, signal))) return 0;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    ...answer.headers,
  });
  answer.begin();
  send('message_start', { message: startOf(request, message, usage) });
  send('ping', {});

  let deltas = 0;
  for (const [index, block] of message.blocks.entries()) {
    if (block.type !== 'thinking' && !(await pace.wait())) return pace.tokens();
    send('content_block_start', { index, content_block: startOfBlock(block) });
    for (const delta of deltasOf(block)) {
      if (fault && deltas >= fault.afterDeltas) {
        await breakOff(response, send, answer);
        return pace.tokens();
      }
      send('content_block_delta', { index, delta: delta.body });
      if (block.type === 'thinking') continue;
      deltas += 1;
      pace.made(delta.chars);
      if (!(await pace.wait())) return pace.tokens();
    }
    send('content_block_stop', { index });
  }
  if (fault) {
    await breakOff(response, send, answer);
    return pace.tokens();
  }
  send('message_delta', endOf(message, usage));
  send('message_stop', {});
  response.end();
  return message.outputTokens;
}
