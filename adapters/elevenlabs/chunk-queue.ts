import { createBoundedQueue } from '#core/async/bounded-queue.ts';
import { limits } from '#core/limits.ts';
import type { SpeechChunk } from '#core/ports/text-to-speech.ts';

/** The audio of one reply on its way to its one consumer. */
export interface ChunkQueue {
  readonly chunks: AsyncIterable<SpeechChunk>;
  /** @returns false when the consumer has fallen behind by the whole queue. */
  push(chunk: SpeechChunk): boolean;
  /** No more comes; what is queued is still heard, unless it is unwanted. */
  end(): void;
  fail(error: Error): void;
}

export interface ChunkQueueOptions {
  /** Whether nobody wants to hear what is queued, also when all of it has come. */
  isUnwanted(): boolean;
  /** The consumer broke off. */
  onReturn(): void;
}

export function createChunkQueue({ isUnwanted, onReturn }: ChunkQueueOptions): ChunkQueue {
  const queue = createBoundedQueue<SpeechChunk>(limits.speechChunkQueueMax);
  return {
    chunks: {
      [Symbol.asyncIterator]() {
        const iterator = queue[Symbol.asyncIterator]();
        return {
          next: () => (isUnwanted() ? Promise.resolve({ value: undefined, done: true }) : iterator.next()),
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
  };
}
