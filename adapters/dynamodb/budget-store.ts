/** Counters of what is taken out of budgets, in the `costs` table. */
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { BudgetAccount } from '#core/costs/budgets.ts';
import { roundUsd } from '#core/costs/money.ts';
import type { BudgetStore } from '#core/ports/budget-store.ts';
import { isConditionFailed, request, toProviderError } from './failures.ts';
import { readKeys } from './keys.ts';

/** Counters of a month are looked at for a year. */
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
    const items = await readKeys({ documents, table }, accounts.map(keyOf), { consistent: true });
    const nameOf = ({ pk, sk }: Readonly<Record<string, unknown>>) => `${pk} ${sk}`;
    const byName = new Map(items.map((item) => [nameOf(item), item]));
    return accounts.map((account) => takenIn(byName.get(nameOf(keyOf(account)))));
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
