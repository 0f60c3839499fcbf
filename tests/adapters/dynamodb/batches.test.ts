import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeBatches } from '#adapters/dynamodb/batches.ts';
import type { Documents, Write } from '#adapters/dynamodb/documents.ts';
import { isProviderError } from '#core/errors.ts';

const writes = Array.from({ length: 30 }, (_, i): Write => ({ PutRequest: { Item: { pk: `${i}` } } }));
const throttled = () => Object.assign(new Error('Slow down'), { name: 'ThrottlingException' });

/** A table that takes one item of a batch at a time, and refuses whole batches now and then. */
function fullTable() {
  const taken: unknown[] = [];
  let asked = 0;
  const batchWrite: Documents['batchWrite'] = async ({ RequestItems }) => {
    asked += 1;
    if (asked % 7 === 0) throw throttled();
    const [first, ...rest] = RequestItems['costs'] ?? [];
    taken.push(first && 'PutRequest' in first ? first.PutRequest.Item['pk'] : undefined);
    return { UnprocessedItems: rest.length === 0 ? {} : { costs: rest } };
  };
  return { taken, target: { documents: { batchWrite } as Documents, table: 'costs' } };
}

const isOverload = (error: unknown) => isProviderError(error) && error.failure === 'overloaded';

test('a patient writer waits until a full table has taken every item, each once', async (t) => {
  t.mock.method(Math, 'random', () => 0);
  const { target, taken } = fullTable();

  await writeBatches(target, writes, { patienceMs: 60_000 });

  assert.deepEqual(
    taken,
    writes.map((_, i) => `${i}`),
  );
});

test('a patient writer ends with an overload when its patience does', async () => {
  const { target } = fullTable();

  await assert.rejects(writeBatches(target, writes, { patienceMs: 1 }), isOverload);
});

test('somebody who waits for an answer has it after a few attempts', async () => {
  const { target, taken } = fullTable();

  await assert.rejects(writeBatches(target, writes), isOverload);
  assert.equal(taken.length, 4);
});
