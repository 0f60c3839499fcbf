/** Budgets in memory, as their ports say. */
import { type CostAlert, compareAlerts } from '#core/costs/alerts.ts';
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
  const sorted = (isOpen: boolean) =>
    [...alerts.values()]
      .filter(({ resolvedAt }) => (resolvedAt === undefined) === isOpen)
      .sort(compareAlerts);
  return {
    async raise(alert) {
      const known = alerts.get(alert.id);
      if (known?.resolvedAt !== undefined) alerts.set(alert.id, { ...alert, raisedAt: known.raisedAt });
      if (known === undefined) alerts.set(alert.id, alert);
      return known === undefined;
    },
    open: async () => sorted(true),
    resolved: async ({ limit, after }) =>
      sorted(false)
        .filter((alert) => after === undefined || compareAlerts(alert, after) > 0)
        .slice(0, limit),
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
