/**
 * Alerts in the `costs` table. What is open lies together, and is little; what is over lies in the order of its time,
 * and is read page by page; what was ever raised is remembered, so that nobody is told twice.
 */
import * as z from 'zod';
import { type CostAlert, compareAlerts, costAlertSchema } from '#core/costs/alerts.ts';
import type { AlertPlace, AlertStore } from '#core/ports/budget-store.ts';
import type { BudgetTable } from './budget-store.ts';
import { readItem } from './cost-items.ts';
import type { Item } from './documents.ts';
import { conditional, request } from './failures.ts';
import { queryFirst, queryItems } from './pages.ts';

const openKey = 'ALERTS#OPEN';
const resolvedKey = 'ALERTS#RESOLVED';
/** A year and a month: longer than any period that an alert is about. */
const lifeSecs = 400 * 86_400;

const openItem = (id: string) => ({ pk: openKey, sk: id });
const placeOf = ({ raisedAt, id }: AlertPlace) => `${raisedAt}#${id}`;
const closedItem = (alert: AlertPlace) => ({ pk: resolvedKey, sk: placeOf(alert) });
/** One item each: it is asked for by its name only. */
const memoryItem = (id: string) => ({ pk: `ALERT#${id}`, sk: 'RAISED' });
const memorySchema = z.object({ raisedAt: z.string() });

export function createDynamoAlertStore({ documents, table, now }: BudgetTable): AlertStore {
  const put = (item: Item, isNew: boolean) =>
    conditional(() =>
      documents.put({
        TableName: table,
        Item: { ...item, expiresAt: Math.ceil(now().getTime() / 1000) + lifeSecs },
        ...(isNew ? { ConditionExpression: 'attribute_not_exists(pk)' } : {}),
      }),
    );
  const get = async (key: Item): Promise<Item | undefined> =>
    (await request(() => documents.get({ TableName: table, Key: key, ConsistentRead: true }))).Item;
  const remove = (key: Item) => request(() => documents.delete({ TableName: table, Key: key }));

  /** It keeps the time it was first raised at, by which it is found among those that are over. */
  const openAgain = async (alert: CostAlert, memory: Item) => {
    const { raisedAt } = readItem(memorySchema, memory);
    if (await put({ ...alert, raisedAt, ...openItem(alert.id) }, true))
      await remove(closedItem({ id: alert.id, raisedAt }));
  };

  return {
    async raise(alert) {
      const [memory, open] = await Promise.all([get(memoryItem(alert.id)), get(openItem(alert.id))]);
      if (memory !== undefined) {
        if (open === undefined) await openAgain(alert, memory);
        return false;
      }
      // Listed before it is remembered: a writer that is cut off between the two is repeated, and tells.
      if (open === undefined) await put({ ...alert, ...openItem(alert.id) }, true);
      return put({ raisedAt: alert.raisedAt, ...memoryItem(alert.id) }, true);
    },
    async open() {
      const items = await queryItems(documents, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': openKey },
      });
      return items.map((item): CostAlert => readItem(costAlertSchema, item)).sort(compareAlerts);
    },
    async resolved({ limit, after }) {
      const items = await queryFirst(documents, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': resolvedKey },
        ScanIndexForward: false,
        Limit: limit,
        ...(after === undefined ? {} : { ExclusiveStartKey: closedItem(after) }),
      });
      return items.map((item): CostAlert => readItem(costAlertSchema, item));
    },
    async resolve(id, at) {
      const item = await get(openItem(id));
      if (item === undefined) return;
      const alert = readItem(costAlertSchema, item);
      // A writer that is cut off leaves it open, and the next one closes it.
      await put({ ...alert, resolvedAt: at.toISOString(), ...closedItem(alert) }, false);
      await remove(openItem(id));
    },
  };
}
