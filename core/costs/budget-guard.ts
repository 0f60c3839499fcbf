/** Whether a call may still spend: asked before it is admitted or placed, and while it goes on. */
import { isProviderError } from '../errors.ts';
import type { AlertStore, BudgetStore } from '../ports/budget-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { alertLine, budgetAlert } from './alerts.ts';
import {
  accountsOf,
  allowanceUsd,
  type BudgetAccount,
  type BudgetSettings,
  budgetsOf,
  crossedBetween,
  type Spender,
} from './budgets.ts';
import { roundUsd } from './money.ts';

export type Reservation =
  | { readonly ok: true; readonly allowanceUsd: number }
  /** The budget that is used up. */
  | { readonly ok: false; readonly account: BudgetAccount };

/** As a record and a stream token carry it: nothing where nothing was taken. */
export const allowanceOf = (reserved: Extract<Reservation, { ok: true }>): { allowanceUsd?: number } =>
  reserved.allowanceUsd > 0 ? { allowanceUsd: reserved.allowanceUsd } : {};

export interface BudgetGuard {
  readonly settings: BudgetSettings;
  /** @param at when the call began; now, when it is left out. */
  accounts(who: Spender, at?: Date): readonly BudgetAccount[];
  /** What `reserve` takes, if it takes anything, US dollars. */
  firstAllowanceUsd(accounts: readonly BudgetAccount[]): number;
  /**
   * Takes a call's first allowance out of every budget it counts against, or nothing at all. Whoever does not use it
   * gives it back. A store that is away refuses nobody: a caller in need must not be kept out by our bookkeeping.
   */
  reserve(accounts: readonly BudgetAccount[]): Promise<Reservation>;
  /** Takes one more allowance out of one budget. Throws `ProviderError`. */
  takeMore(account: BudgetAccount): Promise<boolean>;
  /** What was taken and not spent goes back; what was spent beyond it is added. Never rejects. */
  settle(accounts: readonly BudgetAccount[], differenceUsd: number): Promise<void>;
}

export function createBudgetGuard(options: {
  readonly settings: BudgetSettings;
  readonly budgets: BudgetStore;
  readonly alerts: AlertStore;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** The bookkeeping failed; the call goes on. */
  readonly onFailure: (error: unknown) => void;
}): BudgetGuard {
  const { settings, budgets, alerts, clock, telemetry, onFailure } = options;

  const tellCrossed = async (account: BudgetAccount, beforeUsd: number, afterUsd: number) => {
    for (const threshold of crossedBetween(beforeUsd, afterUsd, account.limitUsd)) {
      const alert = budgetAlert(account, threshold, afterUsd, clock.now());
      if (!(await alerts.raise(alert))) continue;
      telemetry.emit(alert.severity === 'critical' ? 'error' : 'warn', alertLine(alert));
    }
  };

  const firstAllowanceUsd = (accounts: readonly BudgetAccount[]) =>
    accounts.length === 0 ? 0 : allowanceUsd;

  /** @returns the budget that refused. Throws `ProviderError`. */
  const take = async (accounts: readonly BudgetAccount[]): Promise<BudgetAccount | undefined> => {
    const taken = await budgets.take(accounts, allowanceUsd);
    if (!taken.granted) {
      // Not even an allowance is left: the budget is used up for everybody who asks.
      await tellCrossed(taken.refused, 0, taken.refused.limitUsd).catch(onFailure);
      return taken.refused;
    }
    const told = accounts.map((account, i) => {
      const after = taken.takenUsd[i] ?? 0;
      return tellCrossed(account, roundUsd(after - allowanceUsd), after).catch(onFailure);
    });
    await Promise.all(told);
    return undefined;
  };

  return {
    settings,
    accounts: (who, at = clock.now()) => accountsOf(settings, who, at),
    firstAllowanceUsd,
    async reserve(accounts) {
      const answers = await Promise.all(
        budgetsOf(accounts).map(async (budget) => {
          try {
            const refused = await take(budget);
            return { budget, refused, taken: refused === undefined };
          } catch (error) {
            if (!isProviderError(error)) throw error;
            onFailure(error);
            return { budget, refused: undefined, taken: false };
          }
        }),
      );
      const refused = answers.find((answer) => answer.refused !== undefined)?.refused;
      if (refused === undefined) return { ok: true, allowanceUsd: firstAllowanceUsd(accounts) };
      const back = answers.filter(({ taken }) => taken).flatMap(({ budget }) => budget);
      await Promise.all(back.map((account) => budgets.adjust(account, -allowanceUsd).catch(onFailure)));
      return { ok: false, account: refused };
    },
    takeMore: async (account) => (await take([account])) === undefined,
    async settle(accounts, differenceUsd) {
      if (differenceUsd === 0) return;
      await Promise.all(
        accounts.map(async (account) => {
          const after = await budgets.adjust(account, differenceUsd);
          if (differenceUsd > 0) await tellCrossed(account, after - differenceUsd, after);
        }),
      ).catch(onFailure);
    },
  };
}
