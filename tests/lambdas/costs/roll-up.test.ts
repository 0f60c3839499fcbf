/** The rollup on a real database: what is left of a run that was cut off, and what a later one makes of it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { costKey, toRecordItem } from '#adapters/dynamodb/call-items.ts';
import { createDynamoCallStore } from '#adapters/dynamodb/call-store.ts';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { createDynamoCostStore } from '#adapters/dynamodb/cost-store.ts';
import type { Documents } from '#adapters/dynamodb/documents.ts';
import { summarise } from '#core/costs/summarise.ts';
import type { NamedTotals } from '#core/costs/totals.ts';
import { rollUpDays, rollUpDueDays } from '#lambdas/costs/roll-up.ts';
import { callRecord, costEvent } from '#tests/support/calls.ts';
import { startTestDatabase, type TestDatabase, tableNames } from '#tests/support/embedded-database.ts';
import { interceptRequests } from '#tests/support/intercept-requests.ts';
import { createRecordingTelemetry } from '#tests/support/scripted-ports.ts';
import { createVirtualClock } from '#tests/support/virtual-clock.ts';

const now = '2026-12-01T06:00:00.000Z';
const days = ['2026-11-30', '2026-12-01'];
const periods = [...days, '2026-11', '2026-12'];
const callers = 20;
const batchItems = 24;

interface Subject {
  readonly database: TestDatabase;
  readonly documents: Documents;
  readonly services: Parameters<typeof rollUpDays>[1];
  close(): Promise<void>;
}

async function start(): Promise<Subject> {
  const database = await startTestDatabase();
  const documents = createDynamoDocuments({
    region: 'us-east-1',
    endpoint: database.url,
    requestTimeoutMs: 10_000,
  });
  const clock = createVirtualClock(new Date(now));
  const table = { documents, now: () => clock.now() };
  return {
    database,
    documents,
    services: {
      clock,
      store: createDynamoCallStore({ ...table, table: tableNames.calls, cursorSecret: '' }),
      costs: createDynamoCostStore({ ...table, table: tableNames.costs, callsTable: tableNames.calls }),
      telemetry: createRecordingTelemetry(),
    },
    close: () => {
      documents.destroy();
      return database.close();
    },
  };
}

/** Calls of two days and two months, some of them over midnight. */
async function addCalls({ documents }: Subject, from: number, to: number): Promise<void> {
  const items = Array.from({ length: to - from }, (_, k) => {
    const i = from + k;
    const isLate = i % 10 === 0;
    const startedAt = isLate ? '2026-11-30T23:59:50.000Z' : `${days[i % 2]}T00:00:${10 + i}.000Z`;
    const endedAt = isLate ? '2026-12-01T00:00:20.000Z' : startedAt;
    const record = callRecord({ startedAt, callerHash: `caller-${i % callers}`, expiresAt: 4_000_000_000 });
    const events = [
      costEvent(record.callSid, 0, { at: startedAt, costUsd: 0.001 * (i + 1) }),
      costEvent(record.callSid, 1, { at: endedAt, costUsd: 0.01, service: 'twilio' }),
    ];
    const ending = { outcome: 'completed', endedAt, durationSecs: 60, turnCount: 2 } as const;
    const item = toRecordItem({ ...record, ...ending, costSummary: summarise(events) });
    return [item, ...events.map((event) => ({ ...event, pk: item['pk'], sk: costKey(event.seq) }))];
  }).flat();
  for (let at = 0; at < items.length; at += batchItems) {
    const batch = items.slice(at, at + batchItems).map((Item) => ({ PutRequest: { Item } }));
    await documents.batchWrite({ RequestItems: { [tableNames.calls]: batch } });
  }
}

type Totals = readonly (readonly NamedTotals[])[];

async function totalsIn({ services }: Subject): Promise<Totals> {
  const found: NamedTotals[][] = [];
  for (const period of periods) {
    const named: NamedTotals[] = [];
    for await (const page of services.costs.allTotals(period)) named.push(...page);
    found.push(named);
  }
  return found;
}

describe('A rollup that is cut off', () => {
  let subject: Subject;
  /** From before most calls came. */
  let earlier: Totals;
  let whole: Totals;
  const startAgain = async () => {
    for (const [i, period] of periods.entries())
      await subject.services.costs.replaceTotals(period, new Map(earlier[i]));
  };
  before(async () => {
    subject = await start();
    await addCalls(subject, 0, 10);
    await rollUpDays(days, subject.services);
    earlier = await totalsIn(subject);
    await addCalls(subject, 10, 30);
    await rollUpDays(days, subject.services);
    whole = await totalsIn(subject);
  });
  after(() => subject.close());

  test('at its writes is brought to the same end by the next one', async () => {
    const { documents, services } = subject;
    let cuts = 0;
    // Every second one: each takes two whole rollups.
    for (let wasCut = true; wasCut; cuts += 2) {
      await startAgain();
      let writes = 0;
      wasCut = false;
      const stop = interceptRequests(documents, async ({ name }, send) => {
        if (/put|batchWrite/.test(name)) writes += 1;
        if (writes <= cuts) return send();
        wasCut = true;
        throw new Error('cut off');
      });
      await rollUpDays(days, services).catch(() => undefined);
      stop();

      await rollUpDays(days, services);

      assert.deepEqual(await totalsIn(subject), whole, `cut off after ${cuts} writes`);
    }
    assert.ok(cuts > periods.length);
  });

  test('by the end of its process is brought to the same end by the next one', async () => {
    await startAgain();
    const program = path.join(import.meta.dirname, '../../support/roll-up-process.ts');
    const child = spawn(process.execPath, [program, subject.database.url, now, ...days], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    await once(createInterface(child.stdout), 'line');
    child.kill('SIGKILL');
    const [, signal] = await ended;
    const left = await totalsIn(subject);

    await rollUpDays(days, subject.services);

    assert.equal(signal, 'SIGKILL');
    assert.notDeepEqual(left, whole);
    assert.deepEqual(await totalsIn(subject), whole);
  });
});

describe('A rollup', () => {
  test('writes nothing where nothing has changed, and of the callers only the one who called late', async (t) => {
    const subject = await start();
    t.after(subject.close);
    await addCalls(subject, 0, 30);
    await rollUpDays(days, subject.services);
    const written: string[] = [];
    interceptRequests(subject.documents, ({ name, input }, send) => {
      if (name === 'batchWrite') {
        const { RequestItems } = input as Parameters<Documents['batchWrite']>[0];
        for (const write of RequestItems[tableNames.costs] ?? [])
          if ('PutRequest' in write) written.push(String(write.PutRequest.Item['sk']));
      }
      return send();
    });

    await rollUpDays(days, subject.services);
    assert.equal(written.length, 0);
    await addCalls(subject, 37, 38);
    await rollUpDays(days, subject.services);

    assert.deepEqual(
      written.filter((name) => name.startsWith('CALLER#')),
      ['CALLER#caller-17', 'CALLER#caller-17'],
    );
  });

  test('adds up the month of days that were finished by a run that was cut off before their month', async (t) => {
    const subject = await start();
    t.after(subject.close);
    await addCalls(subject, 0, 10);
    const { costs } = subject.services;
    const cutBeforeMonths: typeof costs = {
      ...costs,
      async replaceTotals(period, totals) {
        if (period.length === '2026-11'.length) throw new Error('cut off');
        return costs.replaceTotals(period, totals);
      },
    };
    const at = (time: string) => ({ ...subject.services, clock: createVirtualClock(new Date(time)) });
    const first = rollUpDueDays({ ...at('2026-12-05T06:00:00.000Z'), costs: cutBeforeMonths });
    await assert.rejects(first, /cut off/);

    const { days: again } = await rollUpDueDays(at('2026-12-06T06:00:00.000Z'));

    const [lastOfNovember, , november] = await totalsIn(subject);
    assert.ok(again.every((day) => day > '2026-11-30'));
    assert.ok((lastOfNovember ?? []).length > callers / 4);
    assert.deepEqual(november, lastOfNovember);
  });
});
