/** A month of a large stage, as its rollups leave it: totals of every day by the code that makes them, and alerts. */
import { createDynamoAlertStore } from '#adapters/dynamodb/alert-store.ts';
import { createDynamoCallStore } from '#adapters/dynamodb/call-store.ts';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { createDynamoCostStore } from '#adapters/dynamodb/cost-store.ts';
import { budgetAlert } from '#core/costs/alerts.ts';
import { wholeCall } from '#core/costs/contribution.ts';
import { addDays, daysFrom, startOfDay } from '#core/costs/days.ts';
import { createLedger } from '#core/costs/ledger.ts';
import { defaultPrices } from '#core/costs/prices.ts';
import { summarise } from '#core/costs/summarise.ts';
import { collectTotals } from '#core/costs/totals.ts';
import { roles } from '#core/personas/role.ts';
import type { CallRecord, CostSummary } from '#core/records/call-record.ts';
import { tableNames } from '#tests/support/embedded-database.ts';
import { createRandom, type Random } from '#tests/support/random.ts';
import { sidOf } from '../api/wire.ts';

export const keyCount = 40;
const callSecs = 180;
/** The embedded database takes longer for a page than DynamoDB does. */
const patientMs = 60_000;
/** An alert of a caller's budget at each of so many days, for a year. */
const alertsPerDay = 4;
const alertDays = 365;
const openAlerts = 200;
/** Turns of a long call, and events of each. */
const longCallTurns = 150;

export interface LargeStage {
  readonly callsPerDay: number;
  readonly callers: number;
  /** First and last day, both included. */
  readonly from: string;
  readonly to: string;
}

export function openTables(databaseUrl: string) {
  const documents = createDynamoDocuments({
    region: 'us-east-1',
    endpoint: databaseUrl,
    requestTimeoutMs: patientMs,
    connectionTimeoutMs: patientMs,
  });
  const now = () => new Date();
  const table = { documents, table: tableNames.costs, now };
  return {
    documents,
    store: createDynamoCallStore({ documents, table: tableNames.calls, cursorSecret: 'bench', now }),
    costs: createDynamoCostStore({ ...table, callsTable: tableNames.calls }),
    alerts: createDynamoAlertStore(table),
  };
}
export type OpenTables = ReturnType<typeof openTables>;

/** What a call of three minutes cost; there are some kinds, so that a day is made quickly. */
export function summaryOf(turns: number): CostSummary {
  const ledger = createLedger({ callSid: sidOf(0), prices: defaultPrices });
  const at = new Date(0);
  const tokens = {
    inputTokens: 90 * turns,
    cacheWrite5mTokens: 1_500,
    cacheWrite1hTokens: 0,
    cacheReadTokens: 4_000 * turns,
    outputTokens: 60 * turns,
  };
  ledger.record(
    { kind: 'model', model: 'claude-haiku-5-5', usage: tokens, outcome: 'used', estimated: false },
    at,
  );
  ledger.record(
    {
      kind: 'speech',
      model: 'eleven_flash_v2_5',
      cached: false,
      characters: 150 * turns,
      outcome: 'used',
      estimated: true,
    },
    at,
  );
  ledger.record({ kind: 'recognition', seconds: callSecs }, at);
  ledger.record({ kind: 'call-leg', direction: 'inbound', seconds: callSecs }, at);
  ledger.record({ kind: 'media-stream', seconds: callSecs }, at);
  return ledger.summary();
}
const summaries = Array.from({ length: 12 }, (_, i) => summaryOf(i + 1));

export function callOf(n: number, startedAtMs: number, caller: number, random: Random): CallRecord {
  const turnCount = random.whole(1, summaries.length);
  const endedAt = new Date(startedAtMs + callSecs * 1000).toISOString();
  const isOutbound = random.next() < 0.2;
  return {
    callSid: sidOf(n),
    status: 'completed',
    role: random.pick(roles),
    direction: isOutbound ? 'outbound' : 'inbound',
    ...(isOutbound ? { keyId: `key-${random.whole(1, keyCount)}` } : {}),
    numberMasked: '+1******0100',
    callerHash: `caller-${caller}`.padEnd(32, '0'),
    startedAt: new Date(startedAtMs).toISOString(),
    aliveAt: endedAt,
    endedAt,
    durationSecs: callSecs,
    turnCount,
    outcome: random.next() < 0.05 ? 'lost' : 'completed',
    costSummary: summaries[turnCount - 1] ?? summarise([]),
    expiresAt: 4_000_000_000,
  };
}

async function writeDay(
  day: string,
  { callsPerDay, callers, to }: LargeStage,
  { costs }: OpenTables,
  seed: number,
) {
  const random = createRandom(seed);
  const collector = collectTotals();
  const begin = startOfDay(day).getTime();
  for (let i = 0; i < callsPerDay; i += 1) {
    const record = callOf(seed * callsPerDay + i, begin + i, random.whole(0, callers - 1), random);
    const { costSummary } = record;
    if (costSummary) collector.add(wholeCall({ ...record, endedAt: record.startedAt, costSummary }));
  }
  await costs.replaceTotals(day, collector.pages());
  const at = `${addDays(day, 1)}T06:00:00.000Z`;
  await costs.noteRollup({ day, at, complete: day < to, calls: callsPerDay, top: collector.top() });
}

async function writeAlerts(to: string, { alerts }: OpenTables): Promise<void> {
  for (let back = 0; back < alertDays; back += 1) {
    const day = addDays(to, -back);
    const count = back === 0 ? openAlerts : alertsPerDay;
    await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const account = { name: `CALLER#${i}`, period: day, limitUsd: 2 };
        const alert = budgetAlert(account, 0.8, 1.6, new Date(startOfDay(day).getTime() + i));
        await alerts.raise(alert);
        if (back > 0) await alerts.resolve(alert.id, new Date(`${day}T23:00:00Z`));
      }),
    );
  }
}

/** @returns the id of a call with a great many events. */
async function writeLongCall(to: string, { store }: OpenTables) {
  const record = callOf(1, startOfDay(to).getTime(), 1, createRandom(1));
  const ledger = createLedger({ callSid: record.callSid, prices: defaultPrices });
  for (let turn = 0; turn < longCallTurns; turn += 1) {
    const speech = { kind: 'speech', model: 'eleven_flash_v2_5', cached: false, estimated: true } as const;
    ledger.record({ ...speech, characters: 180, outcome: 'used' }, startOfDay(to));
    const usage = { inputTokens: 80, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0, cacheReadTokens: 900 };
    ledger.record(
      {
        kind: 'model',
        model: 'claude-haiku-5-5',
        usage: { ...usage, outputTokens: 60 },
        outcome: 'used',
        estimated: false,
      },
      startOfDay(to),
    );
  }
  await store.create({ ...record, costSummary: ledger.summary() });
  await store.putCostEvents(ledger.pending());
  return record.callSid;
}

/** Totals of every day, callers included. */
export async function writeDays(
  stage: LargeStage,
  tables: OpenTables,
  say: (text: string) => void,
): Promise<void> {
  for (const [i, day] of daysFrom(stage.from, stage.to).entries()) {
    await writeDay(day, stage, tables, i + 1);
    if (day.endsWith('1')) say(`  ${day}`);
  }
}

export async function writeLargeStage(stage: LargeStage, tables: OpenTables, say: (text: string) => void) {
  await writeDays(stage, tables, say);
  await writeAlerts(stage.to, tables);
  return { callSid: await writeLongCall(stage.to, tables) };
}
