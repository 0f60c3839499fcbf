/** Keeps one call within its budgets: it spends what was taken in advance, asks for more in time, and ends politely. */
import type { BudgetGuard } from '#core/costs/budget-guard.ts';
import { allowanceUsd, type BudgetAccount, type Spender, turnReserveUsd } from '#core/costs/budgets.ts';
import { roundUsd } from '#core/costs/money.ts';

export interface CallBudget {
  /** What the call has cost so far, US dollars. Never waits. */
  spent(totalUsd: number): void;
  /** Gives back what was not spent. Never rejects. */
  close(totalUsd: number): Promise<void>;
}

interface Held {
  readonly account: BudgetAccount;
  heldUsd: number;
  asking: boolean;
}

export function createCallBudget(options: {
  readonly guard: BudgetGuard;
  readonly who: Spender;
  /** Taken for this call when it was admitted. */
  readonly reservedUsd: number;
  /** What an earlier process has spent, and accounted for. */
  readonly spentBeforeUsd: number;
  /** Called once: the call has to come to an end. */
  readonly onOver: () => void;
  readonly onFailure: (error: unknown) => void;
}): CallBudget {
  const { guard, onOver, onFailure, spentBeforeUsd } = options;
  const { callUsd } = guard.settings;
  const held = guard
    .accounts(options.who)
    .map((account): Held => ({ account, heldUsd: options.reservedUsd, asking: false }));
  let over = false;
  let closed = false;

  const goOver = () => {
    if (over || closed) return;
    over = true;
    onOver();
  };

  /** A store that is away lets the call go on: the limit of the call itself still holds. */
  const askForMore = (one: Held) => {
    one.asking = true;
    guard
      .takeMore(one.account)
      .then((granted) => {
        if (granted) one.heldUsd += allowanceUsd;
        else goOver();
        if (granted && closed) return guard.settle([one.account], -allowanceUsd);
        one.asking = !granted;
      })
      .catch((error: unknown) => {
        onFailure(error);
        one.asking = false;
      });
  };

  return {
    spent(totalUsd) {
      if (over || closed) return;
      if (callUsd !== undefined && totalUsd >= callUsd) return goOver();
      const own = totalUsd - spentBeforeUsd;
      for (const one of held) if (!one.asking && one.heldUsd - own < turnReserveUsd) askForMore(one);
    },
    async close(totalUsd) {
      if (closed) return;
      closed = true;
      const own = totalUsd - spentBeforeUsd;
      await Promise.all(held.map(({ account, heldUsd }) => guard.settle([account], roundUsd(own - heldUsd))));
    },
  };
}
