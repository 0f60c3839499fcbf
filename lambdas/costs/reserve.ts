/** Before a call is placed for a client: its first allowance is taken out of every budget, or the client is told why not. */
import { allowanceOf } from '#core/costs/budget-guard.ts';
import { budgetLimitName, type Spender } from '#core/costs/budgets.ts';
import { HttpProblem } from '#core/http/problem.ts';
import type { Services } from '../services.ts';

export interface ReservedBudget {
  /** For the record and the stream token: the call spends it without asking. */
  readonly claims: { readonly allowanceUsd?: number };
  /** No call came of it. Never rejects. */
  giveBack(): Promise<void>;
}

/** Throws `HttpProblem` (402) when a budget of the key, of the number called or of the stage is used up. */
export async function reserveOrRefuse(who: Spender, services: Services): Promise<ReservedBudget> {
  const { budgetGuard, telemetry } = services;
  const accounts = budgetGuard.accounts(who);
  const reserved = await budgetGuard.reserve(accounts);
  if (!reserved.ok) {
    const limit = budgetLimitName(reserved.account);
    const { period } = reserved.account;
    const { keyId } = who;
    telemetry.emit('warn', { msg: 'limit.hit', limit, ...(keyId === undefined ? {} : { keyId }) });
    const message = `The budget for ${period} is used up. Ask for a higher one, or wait for the next ${period.length > 'yyyy-mm'.length ? 'day' : 'month'} (UTC).`;
    throw new HttpProblem('budget_exceeded', message, { limit, period });
  }
  return {
    claims: allowanceOf(reserved),
    giveBack: () => budgetGuard.settle(accounts, -reserved.allowanceUsd),
  };
}
