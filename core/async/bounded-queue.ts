/**
 * A queue between a pushing producer (a socket) and an `AsyncIterable` consumer, with a named limit.
 * One consumer. Ending or failing the queue lets the consumer drain what was pushed before.
 */
export interface BoundedQueue<T> extends AsyncIterable<T> {
  /** @returns false when the queue is full or over: the item was not taken, and the producer must decide. */
  push(item: T): boolean;
  end(): void;
  fail(error: Error): void;
  readonly size: number;
}

type Waiter<T> = { resolve: (result: IteratorResult<T>) => void; reject: (error: Error) => void };

export function createBoundedQueue<T>(maxItems: number): BoundedQueue<T> {
  const items: T[] = [];
  let over: { error?: Error } | undefined;
  let waiter: Waiter<T> | undefined;

  const finish = (outcome: { error?: Error }) => {
    if (over) return;
    over = outcome;
    if (!waiter) return;
    if (outcome.error) waiter.reject(outcome.error);
    else waiter.resolve({ value: undefined, done: true });
    waiter = undefined;
  };

  const next = (): Promise<IteratorResult<T>> => {
    const item = items.shift();
    if (item !== undefined) return Promise.resolve({ value: item, done: false });
    if (over?.error) return Promise.reject(over.error);
    if (over) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => {
      waiter = { resolve, reject };
    });
  };

  return {
    push(item) {
      if (over) return false;
      if (waiter) {
        waiter.resolve({ value: item, done: false });
        waiter = undefined;
        return true;
      }
      if (items.length >= maxItems) return false;
      items.push(item);
      return true;
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    get size() {
      return items.length;
    },
    [Symbol.asyncIterator]() {
      return {
        next,
        return: () => {
          items.length = 0;
          finish({});
          return Promise.resolve({ value: undefined, done: true as const });
        },
      };
    },
  };
}
