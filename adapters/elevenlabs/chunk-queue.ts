import { createBoundedQueue } from '#core/async/bounded-queue.ts';
import { limits } from '#core/limits.ts';
import type { SpeechChunk } from '#core/ports/text-to-speech.ts';

/** The audio of one reply on its way to its one consumer. */
export interface ChunkQueue {
  readonly chunks: AsyncIterable<SpeechChunk>;
  /** @returns false when the consumer has fallen behind by the whole queue. */
  push(chunk: SpeechChunk): boolean;
  /** No more comes; what is queued is still heard. */
  end(): void;
  fail(error: Error): void;
  /** Ends at once: nobody wants to hear what is queued. */
  drop(): void;
}

/** @param onReturn the consumer broke off */
export function createChunkQueue(onReturn: () => void): ChunkQueue {
  const queue = createBoundedQueue<SpeechChunk>(limits.speechChunkQueueMax);
  let dropped = false;
  return {
    chunks: {
      [Symbol.asyncIterator]() {
        const iterator = queue[Symbol.asyncIterator]();
        return {
          next: () => (dropped ? Promise.resolve({ value: undefined, done: true }) : iterator.next()),
          async return() {
            onReturn();
            return { value: undefined, done: true };
          },
        };
      },
    },
    push: queue.push,
    end: queue.end,
    fail: queue.fail,
    drop() {
      dropped = true;
      queue.end();
    },
  };
}
