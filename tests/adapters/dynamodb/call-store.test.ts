import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { createDynamoCallStore } from '#adapters/dynamodb/call-store.ts';
import { createTables } from '#adapters/dynamodb/create-tables.ts';
import type { Documents } from '#adapters/dynamodb/documents.ts';
import { BadCursorError } from '#core/calls/bad-cursor.ts';
import { ProviderError } from '#core/errors.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import { callEnding, callRecord, costEvent, newCallSid, turnRecord } from '#tests/support/calls.ts';
import { intercepted } from '#tests/support/intercept-requests.ts';
import { useDatabase } from '#tests/support/use-database.ts';

const now = new Date('2026-11-21T12:00:00Z');
const database = useDatabase();
let table = '';
let store: CallStore;
let tablesMade = 0;

const storeOn = (client: Documents, cursorSecret = 'secret') =>
  createDynamoCallStore({ documents: client, table, cursorSecret, now: () => now });

beforeEach(async () => {
  tablesMade += 1;
  const named = (name: string) => `${name}-${tablesMade}`;
  table = named('calls');
  const names = { calls: table, costs: named('costs'), limits: named('limits'), consents: named('consents') };
  await createTables({ endpoint: database.url, names });
  store = storeOn(database.documents);
});

/** As the SDK does it when the answer to its first attempt is lost. */
const sentTwice = () =>
  intercepted(database.documents, async (_, send) => {
    await send();
    return send();
  });

const itemAt = async (pk: string, sk: string) =>
  (await database.documents.get({ TableName: table, Key: { pk, sk } })).Item;

describe('A write whose answer was lost', () => {
  test('still ends the call: the one who ended it is told so', async () => {
    const record = callRecord();
    await store.create(record);

    assert.equal(await storeOn(sentTwice()).finish(record.callSid, callEnding()), true);
    assert.equal(await store.finish(record.callSid, callEnding()), false);
  });

  test('is recognised when the same ending is written again', async () => {
    const record = callRecord();
    await store.create(record);
    let lose = true;
    const losing = intercepted(database.documents, async ({ name }, send) => {
      const answer = await send();
      if (lose && name === 'update') {
        lose = false;
        throw Object.assign(new Error('lost'), { name: 'TimeoutError' });
      }
      return answer;
    });
    const losingStore = storeOn(losing);
    const ending = callEnding();

    await assert.rejects(losingStore.finish(record.callSid, ending), ProviderError);

    assert.equal(await losingStore.finish(record.callSid, ending), true);
    assert.equal(await losingStore.finish(record.callSid, ending), false);
  });
});

describe('What the table holds', () => {
  test('goes with its record', async () => {
    const record = callRecord();
    await store.create(record);
    await store.putTurn(record.callSid, turnRecord(0));
    await store.putCostEvents([costEvent(record.callSid, 0)]);

    for (const sk of ['RECORD', 'TURN#000000', 'COST#000000'])
      assert.equal((await itemAt(`CALL#${record.callSid}`, sk))?.['expiresAt'], record.expiresAt, sk);
  });

  test('is not kept for ever without a record', async () => {
    const callSid = newCallSid();
    await store.putTurn(callSid, turnRecord(0));
    await store.putCostEvents([costEvent(callSid, 0)]);

    const inAWeek = now.getTime() / 1000 + 7 * 86_400;
    for (const sk of ['TURN#000000', 'COST#000000'])
      assert.equal((await itemAt(`CALL#${callSid}`, sk))?.['expiresAt'], inAWeek, sk);
  });

  test('keeps a day in the list longer than any call of that day', async () => {
    const expiresAt = Date.parse('2027-01-01T00:00:00Z') / 1000;
    await store.create(callRecord({ startedAt: '2026-11-21T00:00:01.000Z', expiresAt }));

    const day = await itemAt('DAYS', '2026-11-21');

    assert.equal(Number(day?.['expiresAt']) >= expiresAt + 86_400, true);
  });

  test('gets one write per day from a process, not one per call', async () => {
    let puts = 0;
    const counted = storeOn(
      intercepted(database.documents, ({ name }, send) => {
        if (name === 'put') puts += 1;
        return send();
      }),
    );

    for (let i = 0; i < 5; i += 1) await counted.create(callRecord());

    assert.equal(puts, 6);
  });

  test('never is a record whose day is missing from the list', async () => {
    let failNext = true;
    const failing = storeOn(
      intercepted(database.documents, (_, send) => {
        if (!failNext) return send();
        failNext = false;
        return Promise.reject(Object.assign(new Error('away'), { name: 'InternalServerError' }));
      }),
    );
    const record = callRecord();

    await assert.rejects(failing.create(record), ProviderError);
    assert.equal(await failing.create(record), true);

    const { items } = await store.list({ index: { by: 'day' }, limit: 10 });
    assert.deepEqual(items, [record]);
  });

  test('that cannot be read is a failure of the database, not a crash', async () => {
    const callSid = newCallSid();
    const item = { pk: `CALL#${callSid}`, sk: 'RECORD', callSid, role: 'wizard' };
    await database.documents.put({ TableName: table, Item: item });

    await assert.rejects(
      store.find(callSid),
      (error) => error instanceof ProviderError && error.failure === 'protocol',
    );
  });
});

describe('A batch', () => {
  /** Takes a few items of each batch and hands the others back. */
  const taking = (perRequest: number) => {
    const sizes: number[] = [];
    const client = intercepted(database.documents, async ({ name, input }, send) => {
      if (name !== 'batchWrite') return send();
      const items = (input as { RequestItems: Record<string, unknown[]> }).RequestItems[table] ?? [];
      sizes.push(items.length);
      await send({ RequestItems: { [table]: items.slice(0, perRequest) } });
      const left = items.slice(perRequest);
      return { UnprocessedItems: left.length === 0 ? {} : { [table]: left } };
    });
    return { client, sizes };
  };

  test('is sent again until the database has taken all of it', async () => {
    const { client, sizes } = taking(10);
    const record = callRecord();
    await store.create(record);

    await storeOn(client).putCostEvents(
      Array.from({ length: 27 }, (_, seq) => costEvent(record.callSid, seq)),
    );

    assert.equal((await store.costEvents(record.callSid)).length, 27);
    assert.deepEqual(sizes, [25, 15, 5, 2]);
  });

  test('that the database does not take is given up, and said', async () => {
    const { client, sizes } = taking(1);
    const { callSid } = callRecord();

    await assert.rejects(
      storeOn(client).putCostEvents(Array.from({ length: 20 }, (_, seq) => costEvent(callSid, seq))),
      (error) => error instanceof ProviderError && error.failure === 'overloaded' && error.retryable,
    );
    assert.equal(sizes.length, 4);
  });
});

describe('A deletion that was cut off', () => {
  test('can be repeated: the record goes last', async () => {
    const record = callRecord();
    await store.create(record);
    for (let n = 0; n < 60; n += 1) await store.putTurn(record.callSid, turnRecord(n));
    let batches = 0;
    const cutOff = intercepted(database.documents, ({ name }, send) => {
      if (name === 'batchWrite') batches += 1;
      if (batches === 2)
        return Promise.reject(Object.assign(new Error('cut'), { name: 'InternalServerError' }));
      return send();
    });

    await assert.rejects(storeOn(cutOff).delete(record.callSid), ProviderError);
    assert.deepEqual(await store.find(record.callSid), record);

    assert.equal(await store.delete(record.callSid), true);
    assert.deepEqual(await store.turns(record.callSid), []);
  });
});

describe('A cursor', () => {
  const index = { by: 'role', role: 'parent' } as const;
  const firstCursor = async () => {
    await store.create(callRecord());
    await store.create(callRecord());
    const { cursor } = await store.list({ index, limit: 1 });
    assert.ok(cursor);
    return cursor;
  };

  test('changed in any character is refused', async () => {
    const cursor = await firstCursor();

    for (let i = 0; i < cursor.length - 1; i += 7) {
      const changed = `${cursor.slice(0, i)}${cursor[i] === 'A' ? 'B' : 'A'}${cursor.slice(i + 1)}`;
      await assert.rejects(store.list({ index, limit: 1, cursor: changed }), BadCursorError);
    }
  });

  test('of another secret is refused', async () => {
    const cursor = await firstCursor();

    await assert.rejects(
      storeOn(database.documents, 'another').list({ index, limit: 1, cursor }),
      BadCursorError,
    );
  });

  test('outlives the process that made it', async () => {
    const cursor = await firstCursor();

    const page = await storeOn(database.documents).list({ index, limit: 1, cursor });

    assert.equal(page.items.length, 1);
  });
});
