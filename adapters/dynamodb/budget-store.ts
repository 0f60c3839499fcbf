/** Counters of what is taken out of budgets, and alerts, in the `costs` table. */
import {
  BatchGetCommand,
  type DynamoDBDocumentClient,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { type CostAlert, costAlertSchema } from '#core/costs/alerts.ts';
import type { BudgetAccount } from '#core/costs/budgets.ts';
import { roundUsd } from '#core/costs/money.ts';
import type { AlertStore, BudgetStore } from '#core/ports/budget-store.ts';
import { readItem } from './cost-items.ts';
import { conditional, isConditionFailed, request, toProviderError } from './failures.ts';
import { queryItems } from './pages.ts';

/** Counters of a month are looked at for a year; alerts stay as long. */
const lifeSecs = 400 * 86_400;

export interface BudgetTable {
  readonly documents: DynamoDBDocumentClient;
  readonly table: string;
  readonly now: () => Date;
}

const keyOf = ({ name, period }: BudgetAccount) => ({ pk: `BUDGET#${period}`, sk: name });
const takenIn = (item: Readonly<Record<string, unknown>> | undefined): number =>
  roundUsd(Number(item?.['takenUsd'] ?? 0));

/**
 * One conditional update per take, so that the limit holds whoever asks at the same time. A take whose answer was
 * lost is sent again by the SDK and may count twice: a budget is then used up too early, never overrun.
 */
export function createDynamoBudgetStore({ documents, table, now }: BudgetTable): BudgetStore {
  const add = async (account: BudgetAccount, amountUsd: number, roomUsd: number | undefined) => {
    const { Attributes: item } = await documents.send(
      new UpdateCommand({
        TableName: table,
        Key: keyOf(account),
        UpdateExpression: 'ADD takenUsd :amount SET expiresAt = :expiresAt',
        ...(roomUsd === undefined
          ? {}
          : { ConditionExpression: 'attribute_not_exists(takenUsd) OR takenUsd <= :room' }),
        ExpressionAttributeValues: {
          ':amount': roundUsd(amountUsd),
          ':expiresAt': Math.ceil(now().getTime() / 1000) + lifeSecs,
          ...(roomUsd === undefined ? {} : { ':room': roundUsd(roomUsd) }),
        },
        ReturnValues: 'UPDATED_NEW',
      }),
    );
    return takenIn(item);
  };

  const taken = async (accounts: readonly BudgetAccount[]) => {
    if (accounts.length === 0) return [];
    const { Responses: responses } = await request(() =>
      documents.send(
        new BatchGetCommand({
          RequestItems: { [table]: { Keys: accounts.map(keyOf), ConsistentRead: true } },
        }),
      ),
    );
    const items = responses?.[table] ?? [];
    return accounts.map((account) => {
      const { pk, sk } = keyOf(account);
      return takenIn(items.find((item) => item['pk'] === pk && item['sk'] === sk));
    });
  };

  return {
    taken,
    async take(account, amountUsd) {
      // What is more than the whole budget can never fit; the condition would let the first one through.
      if (amountUsd > account.limitUsd) return { granted: false, takenUsd: 0 };
      try {
        const takenUsd = await add(account, amountUsd, account.limitUsd - amountUsd);
        return { granted: true, takenUsd };
      } catch (error) {
        if (!isConditionFailed(error)) throw toProviderError(error);
        return { granted: false, takenUsd: account.limitUsd };
      }
    },
    adjust: (account, amountUsd) => request(() => add(account, amountUsd, undefined)),
  };
}

const alertsKey = 'ALERTS';

export function createDynamoAlertStore({ documents, table, now }: BudgetTable): AlertStore {
  return {
    raise: (alert) =>
      conditional(() =>
        documents.send(
          new PutCommand({
            TableName: table,
            Item: {
              ...alert,
              pk: alertsKey,
              sk: alert.id,
              expiresAt: Math.ceil(now().getTime() / 1000) + lifeSecs,
            },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
      ),
    async alerts() {
      const items = await queryItems(documents, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': alertsKey },
      });
      const found = items.map((item): CostAlert => readItem(costAlertSchema, item));
      return found.sort((a, b) => (a.raisedAt < b.raisedAt ? 1 : -1));
    },
    async resolve(id, at) {
      await conditional(() =>
        documents.send(
          new UpdateCommand({
            TableName: table,
            Key: { pk: alertsKey, sk: id },
            UpdateExpression: 'SET resolvedAt = if_not_exists(resolvedAt, :at)',
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeValues: { ':at': at.toISOString() },
          }),
        ),
      );
    },
  };
}
