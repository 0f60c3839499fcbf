/** The thinking of one reply: model requests, and rounds of tools between them. */
import { isCallTool } from '#core/conversation/call-tools.ts';
import { createSentenceSplitter } from '#core/conversation/sentences.ts';
import type { PromptEstimates } from '#core/costs/prompt-estimates.ts';
import { isProviderError } from '#core/errors.ts';
import { limits } from '#core/limits.ts';
import type { Clock } from '#core/ports/clock.ts';
import type {
  AssistantBlock,
  LanguageModel,
  ModelMessage,
  ReplyRequest,
  ToolCall,
  ToolResultBlock,
} from '#core/ports/language-model.ts';
import type { ToolResult } from '#core/ports/tools.ts';
import type { AssistantTurn } from './assistant-turn.ts';
import type { Gate } from './gate.ts';
import { createRequestMeter, shapeOf } from './request-meter.ts';

export interface GenerationOptions {
  readonly turn: AssistantTurn;
  readonly request: Omit<ReplyRequest, 'model' | 'messages'>;
  readonly messages: readonly ModelMessage[];
  /** Tried in order when a request fails before its first word. */
  readonly models: readonly string[];
  readonly languageModel: LanguageModel;
  readonly clock: Clock;
  readonly promptEstimates: PromptEstimates;
  /** Tools run only behind it. */
  readonly gate: Gate;
  readonly runTool: (call: ToolCall) => Promise<ToolResult>;
  /** A speakable piece of text. */
  readonly onPiece: (piece: string) => void;
  readonly onBuying: () => void;
  readonly onToolStarted: (name: string) => void;
  readonly onProviderFailure: (error: unknown) => void;
}

interface RoundOutcome {
  readonly blocks: readonly AssistantBlock[];
  readonly calls: readonly ToolCall[];
}

/** Throws `ProviderError` when no model answered, `CancelledError` when the turn was cancelled. */
export async function generateReply(options: GenerationOptions): Promise<void> {
  const { turn } = options;
  let messages = options.messages;
  for (let round = 0; round <= limits.toolRoundsMax; round += 1) {
    const { blocks, calls } = await requestWithFallback(options, messages);
    if (calls.length === 0) return;
    await options.gate.passed(turn.abort.signal);
    const results = await runTools(options, calls);
    const callBlocks = blocks.filter(({ type }) => type !== 'text');
    turn.rounds.push({ heard: turn.roundTexts.at(-1) ?? '', calls: callBlocks, results });
    turn.abort.signal.throwIfAborted();
    if (calls.every(({ name }) => isCallTool(name))) return;
    messages = [...messages, { role: 'assistant', blocks }, { role: 'tool-results', results }];
  }
}

async function requestWithFallback(
  options: GenerationOptions,
  messages: readonly ModelMessage[],
): Promise<RoundOutcome> {
  const { models, turn } = options;
  const textIndex = turn.roundTexts.push('') - 1;
  for (let attempt = 0; ; attempt += 1) {
    const model = models[Math.min(attempt, models.length - 1)] ?? '';
    try {
      return await requestOnce(options, messages, model, textIndex);
    } catch (error) {
      if (turn.abort.signal.aborted) throw error;
      options.onProviderFailure(error);
      const spoken = turn.roundTexts[textIndex] !== '';
      const worthAnother = isProviderError(error) && error.retryable && !spoken && attempt + 1 < attemptsMax;
      if (!worthAnother) throw error;
    }
  }
}

/** The chosen model and one more try, on the fallback where there is one: a caller waits behind it. */
const attemptsMax = 2;

async function requestOnce(
  options: GenerationOptions,
  messages: readonly ModelMessage[],
  model: string,
  textIndex: number,
): Promise<RoundOutcome> {
  const { turn, clock } = options;
  const splitter = createSentenceSplitter();
  const calls: ToolCall[] = [];
  let blocks: readonly AssistantBlock[] = [];
  const meter = createRequestMeter({
    prompt: shapeOf(options.request, model, messages),
    estimates: options.promptEstimates,
    clock,
  });
  turn.modelRequests.push(meter);
  options.onBuying();
  turn.moments.requestedAtMs ??= clock.nowMs();
  try {
    const parts = options.languageModel.reply(
      { ...options.request, model, messages },
      { signal: turn.abort.signal },
    );
    for await (const part of parts) {
      if (part.type === 'text-delta') {
        turn.moments.firstTokenAtMs ??= clock.nowMs();
        meter.wrote(part.text);
        turn.roundTexts[textIndex] += part.text;
        for (const piece of splitter.push(part.text)) options.onPiece(piece);
      }
      if (part.type === 'tool-call') calls.push(part.call);
      if (part.type === 'usage') meter.counted(part.usage, part.final);
      if (part.type === 'end') blocks = part.blocks;
    }
    for (const piece of splitter.flush()) options.onPiece(piece);
    return { blocks, calls };
  } catch (error) {
    meter.failed(error, turn.abort.signal.aborted);
    throw error;
  }
}

/** All calls of a message at once, and every one answered: the model refuses to go on otherwise. */
async function runTools(
  options: GenerationOptions,
  calls: readonly ToolCall[],
): Promise<readonly ToolResultBlock[]> {
  return Promise.all(calls.map((call) => runOneTool(options, call)));
}

async function runOneTool(options: GenerationOptions, call: ToolCall): Promise<ToolResultBlock> {
  const { turn, clock } = options;
  const startedAtMs = clock.nowMs();
  if (!isCallTool(call.name)) options.onToolStarted(call.name);
  const result = await options.runTool(call);
  turn.toolUses.push({
    name: call.name,
    status: result.status,
    durationMs: Math.round(clock.nowMs() - startedAtMs),
  });
  return { callId: call.id, content: toolResultText(result), failed: result.status !== 'ok' };
}

function toolResultText(result: ToolResult): string {
  switch (result.status) {
    case 'ok':
      return result.content;
    case 'failed':
      return result.content;
    case 'timed-out':
      return `The tool did not answer within ${Math.round(result.afterMs / 1000)} seconds. Tell the caller that you cannot look it up right now.`;
    case 'cancelled':
      return 'The tool was cancelled because the caller spoke.';
  }
}
