/** Budgets in memory, as their ports say. */
import type { CostAlert } from '#core/costs/alerts.ts';
import { createBudgetGuard } from '#core/costs/budget-guard.ts';
import { type BudgetAccount, type BudgetSettings, noBudgets } from '#core/costs/budgets.ts';
import { roundUsd } from '#core/costs/money.ts';
import type { AlertStore, BudgetStore } from '#core/ports/budget-store.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';

const keyOf = ({ name, period }: BudgetAccount) => `${period} ${name}`;

export function createInMemoryBudgetStore(): BudgetStore {
  const taken = new Map<string, number>();
  const takenOf = (account: BudgetAccount) => taken.get(keyOf(account)) ?? 0;
  const add = (account: BudgetAccount, amountUsd: number) => {
    const sum = roundUsd(takenOf(account) + amountUsd);
    taken.set(keyOf(account), sum);
    return sum;
  };
  return {
    async take(accounts, amountUsd) {
      const refused = accounts.find((account) => roundUsd(takenOf(account) + amountUsd) > account.limitUsd);
      if (refused) return { granted: false, refused };
      return { granted: true, takenUsd: accounts.map((account) => add(account, amountUsd)) };
    },
    adjust: async (account, amountUsd) => add(account, amountUsd),
    taken: async (accounts) => accounts.map(takenOf),
  };
}

export function createInMemoryAlertStore(): AlertStore {
  const alerts = new Map<string, CostAlert>();
  return {
    async raise(alert) {
      if (alerts.has(alert.id)) return false;
      alerts.set(alert.id, alert);
      return true;
    },
    alerts: async () => [...alerts.values()].sort((a, b) => (a.raisedAt < b.raisedAt ? 1 : -1)),
    async resolve(id, at) {
      const alert = alerts.get(id);
      if (alert) alerts.set(id, { ...alert, resolvedAt: alert.resolvedAt ?? at.toISOString() });
    },
  };
}

export const testBudgetGuard = (
  clock: Clock,
  telemetry: Telemetry,
  options: {
    readonly settings?: BudgetSettings;
    readonly budgets?: BudgetStore;
    readonly alerts?: AlertStore;
  } = {},
) =>
  createBudgetGuard({
    settings: noBudgets,
    budgets: createInMemoryBudgetStore(),
    alerts: createInMemoryAlertStore(),
    clock,
    telemetry,
    onFailure: (error) => {
      throw error;
    },
    ...options,
  });
