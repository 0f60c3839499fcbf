import type { CostAlert } from '../costs/alerts.ts';
import type { BudgetAccount } from '../costs/budgets.ts';

export interface BudgetTake {
  readonly granted: boolean;
  /** Everything taken out of the budget so far, this included when it was granted. US dollars. */
  readonly takenUsd: number;
}

/** What is taken out of budgets, by everybody at once, and the alerts about it. Methods throw `ProviderError` (`dynamodb`). */
export interface BudgetStore {
  /** Takes the amount if it is still in the budget. Never grants more than the limit, whoever asks at the same time. */
  take(account: BudgetAccount, amountUsd: number): Promise<BudgetTake>;
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
