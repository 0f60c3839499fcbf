import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createBoundedQueue } from '#core/async/bounded-queue.ts';

async function drained<T>(queue: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

describe('a bounded queue', () => {
  test('gives items in order, those pushed before its end included', async () => {
    const queue = createBoundedQueue<number>(3);
    queue.push(1);
    queue.push(2);
    queue.end();

    assert.deepEqual(await drained(queue), [1, 2]);
  });

  test('refuses what is beyond its limit and keeps what it has', async () => {
    const queue = createBoundedQueue<number>(2);

    assert.deepEqual([1, 2, 3].map(queue.push), [true, true, false]);
    assert.equal(queue.size, 2);
    queue.end();
    assert.deepEqual(await drained(queue), [1, 2]);
  });

  test('hands an item straight to a waiting consumer', async () => {
    const queue = createBoundedQueue<string>(0);
    const next = queue[Symbol.asyncIterator]().next();

    assert.equal(queue.push('a'), true);
    assert.deepEqual(await next, { value: 'a', done: false });
    assert.equal(queue.size, 0);
  });

  test('throws its failure after the items pushed before it', async () => {
    const queue = createBoundedQueue<number>(2);
    const seen: number[] = [];
    queue.push(1);
    queue.fail(new Error('cut'));

    await assert.rejects(async () => {
      for await (const item of queue) seen.push(item);
    }, /cut/);
    assert.deepEqual(seen, [1]);
  });

  test('wakes a waiting consumer by its end and by its failure', async () => {
    const ended = createBoundedQueue<number>(1);
    const failed = createBoundedQueue<number>(1);
    const end = ended[Symbol.asyncIterator]().next();
    const failure = assert.rejects(failed[Symbol.asyncIterator]().next(), /cut/);
    ended.end();
    failed.fail(new Error('cut'));

    assert.equal((await end).done, true);
    await failure;
  });

  test('takes nothing after its end, and the first end counts', async () => {
    const queue = createBoundedQueue<number>(1);
    queue.end();
    queue.fail(new Error('too late'));

    assert.equal(queue.push(1), false);
    assert.deepEqual(await drained(queue), []);
  });

  test('forgets what is left when the consumer stops early', async () => {
    const queue = createBoundedQueue<number>(3);
    for (const item of [1, 2, 3]) queue.push(item);
    for await (const item of queue) {
      assert.equal(item, 1);
      break;
    }

    assert.equal(queue.size, 0);
    assert.equal(queue.push(4), false);
  });
});
