/** What calls cost by day and month, over the `costs` table and the index of calls by day. */
import type { CostTotals } from '#core/costs/totals.ts';
import type { CostPeriod, CostStore } from '#core/ports/cost-store.ts';
import { callIndexes } from '#core/records/tables.ts';
import { toRecord } from './call-items.ts';
import {
  monthsKey,
  periodKey,
  quotasKey,
  reconciliationsKey,
  removedKey,
  rollupsKey,
  toContribution,
  toMonthNote,
  toQuota,
  toReconciliation,
  toRollupNote,
  toTotals,
} from './cost-items.ts';
import type { Documents, Item } from './documents.ts';
import { request } from './failures.ts';
import { readKeys } from './keys.ts';
import { queryItems, queryPages } from './pages.ts';
import { allTotals, replaceTotals, rollupPageItems } from './period-totals.ts';

export interface CostTable {
  readonly documents: Documents;
  readonly table: string;
  readonly callsTable: string;
  readonly now: () => Date;
}

/** What removed calls had cost is needed as long as their day may be added up again, by hand too. */
const removedLifeSecs = 60 * 86_400;

export function createDynamoCostStore(costs: CostTable): CostStore {
  const { documents, table, now } = costs;
  const nowSecs = () => Math.floor(now().getTime() / 1000);
  const put = (item: Item) =>
    request(() => documents.put({ TableName: table, Item: item })).then(() => undefined);
  const between = (pk: string, from: string, to: string) =>
    queryItems(documents, {
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':pk': pk, ':from': from, ':to': to },
      ConsistentRead: true,
    });
  const inPartition = (pk: string) => ({
    TableName: table,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': pk },
  });

  return {
    async *callsBegun(day, from = '') {
      const pages = queryPages(documents, {
        TableName: costs.callsTable,
        IndexName: callIndexes.byDay.name,
        KeyConditionExpression: '#day = :day AND startedSort >= :from',
        FilterExpression: 'expiresAt > :now',
        ExpressionAttributeNames: { '#day': 'day' },
        ExpressionAttributeValues: { ':day': day, ':from': from || day, ':now': nowSecs() },
        Limit: rollupPageItems,
      });
      for await (const page of pages) yield page.map(toRecord);
    },
    keepRemoved: (day, contribution) =>
      put({
        ...contribution,
        pk: removedKey(day),
        sk: contribution.callSid,
        expiresAt: nowSecs() + removedLifeSecs,
      }),
    removed: async (day) => (await queryItems(documents, inPartition(removedKey(day)))).map(toContribution),
    replaceTotals: (period, totals) => replaceTotals(costs, period, totals),
    totals: (periods, name) => readTotals(costs, periods, name),
    async totalsBy(period, kind) {
      const items = await queryItems(documents, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :kind)',
        ExpressionAttributeValues: { ':pk': periodKey(period), ':kind': `${kind}#` },
      });
      return new Map(items.map((item) => [String(item['sk']).slice(kind.length + 1), toTotals(item)]));
    },
    allTotals: (period) => allTotals(costs, period),
    noteRollup: (note) => put({ ...note, pk: rollupsKey, sk: note.day }),
    rollups: async (from, to) => (await between(rollupsKey, from, to)).map(toRollupNote),
    noteMonth: (note) => put({ ...note, pk: monthsKey, sk: note.month }),
    months: async () => (await queryItems(documents, inPartition(monthsKey))).map(toMonthNote),
    noteReconciliation: (run) => put({ ...run, pk: reconciliationsKey, sk: run.day }),
    reconciliations: async (from, to) => (await between(reconciliationsKey, from, to)).map(toReconciliation),
    noteQuota: (quota) => put({ ...quota, pk: quotasKey, sk: quota.name }),
    quotas: async () => (await queryItems(documents, inPartition(quotasKey))).map(toQuota),
  };
}

async function readTotals(
  costs: CostTable,
  periods: readonly CostPeriod[],
  name: string,
): Promise<ReadonlyMap<CostPeriod, CostTotals>> {
  const periodOf = new Map(periods.map((period) => [periodKey(period), period]));
  const found = await readKeys(
    costs,
    [...periodOf.keys()].map((pk) => ({ pk, sk: name })),
  );
  return new Map(found.map((item) => [periodOf.get(String(item['pk'])) ?? '', toTotals(item)]));
}
