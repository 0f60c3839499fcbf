/** Folds the events of one streamed reply into parts. Pure: no socket, no time. */
import type { ModelUsage } from '#core/costs/usage.ts';
import type { ReplyPart, StopReason } from '#core/ports/language-model.ts';
import { streamedError, unreadableError } from './failures.ts';
import type { CacheTtl } from './message-translation.ts';
import { type Block, extended, finishedBlocks, opened } from './reply-blocks.ts';
import type { BlockDelta, DeltaUsage, StreamEvent } from './stream-events.ts';
import { startedUsage, updatedUsage } from './usage.ts';

export interface ReplyAssembly {
  /** @returns what the event adds to the reply, in order. Throws `ProviderError`. */
  take(event: StreamEvent): readonly ReplyPart[];
  /** The prompt was accepted and the reply has begun. */
  readonly started: boolean;
  /** The `end` part was returned; nothing may follow. */
  readonly complete: boolean;
}

const stopReasons: Record<string, StopReason> = {
  end_turn: 'end',
  stop_sequence: 'end',
  tool_use: 'tool-calls',
  max_tokens: 'max-tokens',
  // Cut short by the model's own window instead of ours; the reply is as unfinished.
  model_context_window_exceeded: 'max-tokens',
  refusal: 'refusal',
};

const stopReasonOf = (word: string | undefined): StopReason =>
  (word !== undefined && Object.hasOwn(stopReasons, word) ? stopReasons[word] : undefined) ?? 'other';

const spoken = (text: string): ReplyPart[] => (text === '' ? [] : [{ type: 'text-delta', text }]);

/** @param ttl what we asked the cache for, used when the vendor does not tell which lifetime it wrote. */
export function createReplyAssembly(model: string, ttl: CacheTtl): ReplyAssembly {
  const blocks = new Map<number, Block>();
  let usage: ModelUsage | undefined;
  let stopReason: StopReason | undefined;
  let finalUsageGiven = false;
  let complete = false;

  const begun = (): ModelUsage => {
    if (!usage) throw unreadableError('no-message-start');
    return usage;
  };

  const addDelta = (index: number, delta: BlockDelta): ReplyPart[] => {
    begun();
    const block = blocks.get(index);
    // Of a kind of block that we do not know; those are passed over whole.
    if (!block) return [];
    blocks.set(index, extended(block, delta));
    return delta.type === 'text_delta' ? spoken(delta.text) : [];
  };

  /** Given as soon as it is known: it has been billed even if the rest turns out to be unreadable. */
  const finalUsage = (): ReplyPart[] => {
    if (finalUsageGiven) return [];
    finalUsageGiven = true;
    return [{ type: 'usage', usage: begun(), final: true }];
  };

  const addStopReason = (reason: string | undefined, update: DeltaUsage): ReplyPart[] => {
    usage = updatedUsage(begun(), update);
    if (reason === undefined) return [];
    stopReason = stopReasonOf(reason);
    return finalUsage();
  };

  /** Tool calls are held back until here: a reply that breaks off before its end must not have run anything. */
  const finish = (): ReplyPart[] => {
    const said = stopReason ?? 'other';
    const finished = finishedBlocks(blocks, { model, runTools: said === 'tool-calls' });
    const calls = finished.filter((block) => block.type === 'tool-call');
    complete = true;
    const reason = said === 'tool-calls' && calls.length === 0 ? 'end' : said;
    return [...finalUsage(), ...calls, { type: 'end', stopReason: reason, blocks: finished }];
  };

  const take = (event: StreamEvent): readonly ReplyPart[] => {
    switch (event.type) {
      case 'start':
        usage = startedUsage(event.usage, ttl);
        return [{ type: 'usage', usage, final: false }];
      case 'block-start':
        begun();
        blocks.set(event.index, opened(event.block));
        return event.block.type === 'text' ? spoken(event.block.text) : [];
      case 'block-delta':
        return addDelta(event.index, event.delta);
      case 'stop-reason':
        return addStopReason(event.stopReason, event.usage);
      case 'stop':
        return finish();
      case 'error':
        throw streamedError(event.errorType);
      case 'other':
        return [];
    }
  };

  return {
    take,
    get started() {
      return usage !== undefined;
    },
    get complete() {
      return complete;
    },
  };
}
