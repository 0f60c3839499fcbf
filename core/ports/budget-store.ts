import type { CostAlert } from '../costs/alerts.ts';
import type { BudgetAccount } from '../costs/budgets.ts';

export type BudgetTake =
  /** Everything taken out of each budget so far, this included, in the order asked. US dollars. */
  | { readonly granted: true; readonly takenUsd: readonly number[] }
  /** The budget that has no room for it. */
  | { readonly granted: false; readonly refused: BudgetAccount };

/** What is taken out of budgets, by everybody at once. Methods throw `ProviderError` (`dynamodb`). */
export interface BudgetStore {
  /**
   * Takes the amount out of each of these periods of one budget (the same `name`) where it is still in all of them,
   * else out of none. Never grants more than a limit, whoever asks at the same time.
   */
  take(accounts: readonly BudgetAccount[], amountUsd: number): Promise<BudgetTake>;
  /** Adds to what is taken without asking (it is spent already), or gives back what was not spent (below 0). */
  adjust(account: BudgetAccount, amountUsd: number): Promise<number>;
  /** What is taken so far, in the order asked. */
  taken(accounts: readonly BudgetAccount[]): Promise<readonly number[]>;
}

export interface AlertStore {
  /** @returns whether it was raised now: the same alert is raised once. */
  raise(alert: CostAlert): Promise<boolean>;
  /** Newest first. */
  alerts(): Promise<readonly CostAlert[]>;
  resolve(id: string, at: Date): Promise<void>;
}
