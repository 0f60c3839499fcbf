/** What the functions work with; built in `wire.ts`, replaced in tests. */

import type { BudgetGuard } from '#core/costs/budget-guard.ts';
import type { BlockList } from '#core/ports/block-list.ts';
import type { AlertStore, BudgetStore } from '#core/ports/budget-store.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { CostStore } from '#core/ports/cost-store.ts';
import type { StreamTokens } from '#core/ports/stream-tokens.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import type { FunctionsConfig } from './config.ts';

export interface ApiKey {
  readonly id: string;
  readonly scopes: readonly string[];
}

export interface Services {
  readonly config: FunctionsConfig;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly store: CallStore;
  readonly costs: CostStore;
  readonly budgets: BudgetStore;
  readonly alerts: AlertStore;
  /** Asked before a call is admitted or placed. */
  readonly budgetGuard: BudgetGuard;
  readonly blockList: BlockList;
  readonly streamTokens: StreamTokens;
  /** Keyed hash of a phone number. */
  readonly hashNumber: (number: string) => string;
  readonly newNonce: () => string;
  /** Whether a bearer token is the one of scheduled jobs; never when none is set. */
  readonly isCronSecret: (token: string) => boolean;
  /** The key a bearer token belongs to. */
  readonly findKey: (token: string) => ApiKey | undefined;
}

/** Built on first use and kept for the life of the process. Rejects with `ConfigError`. */
export type LoadServices = () => Promise<Services>;
