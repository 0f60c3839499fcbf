/** Counters of what is taken out of budgets, in the `costs` table. */
import type { BudgetAccount } from '#core/costs/budgets.ts';
import { monthOf } from '#core/costs/days.ts';
import { roundUsd } from '#core/costs/money.ts';
import type { BudgetStore } from '#core/ports/budget-store.ts';
import type { Documents, Item } from './documents.ts';
import { isConditionFailed, request, toProviderError } from './failures.ts';
import { readKeys } from './keys.ts';

/** Counters of a month are looked at for a year. */
const lifeSecs = 400 * 86_400;

export interface BudgetTable {
  readonly documents: Documents;
  readonly table: string;
  readonly now: () => Date;
}

/** A budget's month and the days in it are one item, so that a call takes from both by one write. */
const keyOf = ({ name, period }: BudgetAccount) => ({ pk: `BUDGET#${monthOf(period)}`, sk: name });
/** The attribute of a period is its own name: `2026-11`, `2026-11-21`. */
const takenIn = (item: Item | undefined, { period }: BudgetAccount): number =>
  roundUsd(Number(item?.[period] ?? 0));

/** As DynamoDB wants them: a name and a limit for each period. */
function roomFor(accounts: readonly BudgetAccount[], amountUsd: number) {
  // What is not there compares as false: a period in which nothing was taken yet has room.
  const hasRoom = accounts.map((_, i) => `NOT #p${i} > :room${i}`);
  return {
    ConditionExpression: hasRoom.join(' AND '),
    values: Object.fromEntries(
      accounts.map(({ limitUsd }, i) => [`:room${i}`, roundUsd(limitUsd - amountUsd)]),
    ),
  };
}

/**
 * One conditional update per take, so that the limit holds whoever asks at the same time. A take whose answer was
 * lost is sent again by the SDK and may count twice: a budget is then used up too early, never overrun.
 */
export function createDynamoBudgetStore({ documents, table, now }: BudgetTable): BudgetStore {
  const add = async (
    accounts: readonly [BudgetAccount, ...BudgetAccount[]],
    amountUsd: number,
    room?: ReturnType<typeof roomFor>,
  ) => {
    const { Attributes: item } = await documents.update({
      TableName: table,
      Key: keyOf(accounts[0]),
      UpdateExpression: `ADD ${accounts.map((_, i) => `#p${i} :amount`).join(', ')} SET expiresAt = :expiresAt`,
      ...(room && { ConditionExpression: room.ConditionExpression }),
      ExpressionAttributeNames: Object.fromEntries(accounts.map(({ period }, i) => [`#p${i}`, period])),
      ExpressionAttributeValues: {
        ':amount': roundUsd(amountUsd),
        ':expiresAt': Math.ceil(now().getTime() / 1000) + lifeSecs,
        ...room?.values,
      },
      ReturnValues: 'UPDATED_NEW',
    });
    return accounts.map((account) => takenIn(item, account));
  };

  const taken = async (accounts: readonly BudgetAccount[]) => {
    const keys = new Map(accounts.map(keyOf).map((key) => [`${key.pk} ${key.sk}`, key]));
    const items = await readKeys({ documents, table }, [...keys.values()], { consistent: true });
    const byKey = new Map(items.map((item) => [`${item['pk']} ${item['sk']}`, item]));
    return accounts.map((account) => {
      const { pk, sk } = keyOf(account);
      return takenIn(byKey.get(`${pk} ${sk}`), account);
    });
  };

  /** The one without room; when all have some again, the first: it was refused all the same. */
  const fullOne = async (accounts: readonly [BudgetAccount, ...BudgetAccount[]], amountUsd: number) => {
    const amounts = await taken(accounts);
    const isFull = ({ limitUsd }: BudgetAccount, i: number) =>
      roundUsd((amounts[i] ?? 0) + amountUsd) > limitUsd;
    return accounts.find(isFull) ?? accounts[0];
  };

  return {
    taken,
    async take(accounts, amountUsd) {
      const [first, ...others] = accounts;
      if (first === undefined) return { granted: true, takenUsd: [] };
      // What is more than the whole budget can never fit; the condition would let the first one through.
      const tooSmall = accounts.find(({ limitUsd }) => amountUsd > limitUsd);
      if (tooSmall) return { granted: false, refused: tooSmall };
      try {
        const takenUsd = await add([first, ...others], amountUsd, roomFor(accounts, amountUsd));
        return { granted: true, takenUsd };
      } catch (error) {
        if (!isConditionFailed(error)) throw toProviderError(error);
        return { granted: false, refused: await fullOne([first, ...others], amountUsd) };
      }
    },
    async adjust(account, amountUsd) {
      const [takenUsd = 0] = await request(() => add([account], amountUsd));
      return takenUsd;
    },
  };
}
