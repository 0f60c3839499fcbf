/** What the functions work with; built in `wire.ts`, replaced in tests. */

import type { BudgetGuard } from '#core/costs/budget-guard.ts';
import type { NumberFacts } from '#core/outbound/destination.ts';
import type { BlockList } from '#core/ports/block-list.ts';
import type { AlertStore, BudgetStore } from '#core/ports/budget-store.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import type { CallerGate } from '#core/ports/caller-gate.ts';
import type { CarrierCalls } from '#core/ports/carrier-calls.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ConductStore } from '#core/ports/conduct-store.ts';
import type { ConsentStore } from '#core/ports/consent-store.ts';
import type { CostStore } from '#core/ports/cost-store.ts';
import type { Idempotency } from '#core/ports/idempotency.ts';
import type { OutboundCalls } from '#core/ports/outbound-calls.ts';
import type { OutboundPlans } from '#core/ports/outbound-plans.ts';
import type { RateLimiter } from '#core/ports/rate-limiter.ts';
import type { StreamTokens } from '#core/ports/stream-tokens.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import type { Telephony } from '#core/ports/telephony.ts';
import type { UsageReport } from '#core/ports/usage-report.ts';
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
  /** What the vendors say we have used. */
  readonly usageReports: readonly UsageReport[];
  /** What the carrier knows of our calls. */
  readonly carrierCalls: CarrierCalls;
  /** Asked before a call is admitted or placed. */
  readonly budgetGuard: BudgetGuard;
  readonly blockList: BlockList;
  /** Both hold their bounds also when the shared counters are away. */
  readonly callerGate: CallerGate;
  readonly limiter: RateLimiter;
  readonly conducts: ConductStore;
  readonly consents: ConsentStore;
  readonly idempotency: Idempotency;
  readonly outboundPlans: OutboundPlans;
  readonly outboundCalls: OutboundCalls;
  readonly telephony: Telephony;
  /** What the numbering plan says of an E.164 number. */
  readonly numberFacts: (number: string) => Promise<NumberFacts>;
  readonly streamTokens: StreamTokens;
  /** Keyed hash of a phone number. */
  readonly hashNumber: (number: string) => string;
  /** Keyed hash of anything else that names a person or a request: an address, a visitor, an idempotency key. */
  readonly pseudonym: (kind: 'ip' | 'visitor' | 'request', value: string) => string;
  /** Whether webhooks may come from this address. */
  readonly isCarrierAddress: (ip: string) => boolean;
  readonly newNonce: () => string;
  /** Whether a bearer token is the one of scheduled jobs; never when none is set. */
  readonly isCronSecret: (token: string) => boolean;
  /** The key a bearer token belongs to. */
  readonly findKey: (token: string) => ApiKey | undefined;
}

/** Built on first use and kept for the life of the process. Rejects with `ConfigError`. */
export type LoadServices = () => Promise<Services>;
