/** Every function of a stage: its size and its reason. A function is one file in `lambdas/http` or `lambdas/jobs`. */
import { apiRoutes } from '#core/http/routes.ts';
import type { TableName } from '#core/records/tables.ts';

/**
 * How every function runs Node. The young generation is smaller than usual, so that it is cleared more often and faster:
 * pauses of 3 ms instead of 6 in the middle of an answer. Half of it would take more time than it saves.
 */
export const nodeOptions = ['--enable-source-maps', '--max-semi-space-size=16'] as const;

export type Access = 'read' | 'write';

export interface FunctionSpec {
  /** Memory decides the share of a processor too: 1 769 MB are one whole one. */
  readonly memoryMiB: number;
  readonly timeoutSecs: number;
  /** Instances at most, where a runaway would spend money; undefined shares the account's. */
  readonly concurrencyMax?: number;
  /** A job that is not worth doing late: it is not tried again, and what failed is not kept. */
  readonly onceOnly?: boolean;
  /** Asks how long the tasks have run. */
  readonly readsMetrics?: boolean;
  /** What it does to the tables. */
  readonly tables: Readonly<Partial<Record<TableName, Access>>>;
}

/** A caller waits in silence behind a webhook: a bigger machine starts and answers faster. Twilio waits 15 s. */
const webhook = { memoryMiB: 1_024, timeoutSecs: 10 } as const;
/** A client waits, and nobody is on the phone. */
const client = { memoryMiB: 512, timeoutSecs: 10 } as const;
/** Nobody waits. */
const job = { memoryMiB: 512, timeoutSecs: 300, concurrencyMax: 1 } as const;

const reading = { ...client, tables: { calls: 'read', limits: 'write' } } as const;

const special: Readonly<Record<string, FunctionSpec>> = {
  'inbound-call': { ...webhook, tables: { calls: 'write', limits: 'write', costs: 'write' } },
  'stream-ended': { ...webhook, tables: { calls: 'write' } },
  'call-answered': { ...webhook, tables: { calls: 'write' } },
  'call-status': { ...webhook, tables: { calls: 'write', limits: 'write' } },
  // Places calls that cost money: a leaked key must not reach a thousand at once.
  'outbound-call': {
    ...client,
    timeoutSecs: 25,
    concurrencyMax: 20,
    tables: { calls: 'write', limits: 'write', costs: 'write' },
  },
  // What the record cost stays in the totals of its day.
  'record-delete': { ...client, tables: { calls: 'write', costs: 'write', limits: 'write' } },
  'web-call-register': { ...client, tables: { calls: 'write', limits: 'write', costs: 'write' } },
  consent: { ...client, tables: { consents: 'write', limits: 'write' } },
  'costs-call': reading,
  'costs-summary': { ...client, tables: { costs: 'read', limits: 'write' } },
  'costs-budgets': { ...client, tables: { costs: 'read', limits: 'write' } },
  'costs-alerts': { ...client, tables: { costs: 'read', limits: 'write' } },
  'costs-reconcile': {
    ...client,
    timeoutSecs: 29,
    memoryMiB: 1_024,
    readsMetrics: true,
    tables: { calls: 'write', costs: 'write' },
  },
  'costs-rollup': { ...client, timeoutSecs: 29, memoryMiB: 1_024, tables: { calls: 'read', costs: 'write' } },
  openapi: { ...client, tables: {} },
  docs: { ...client, tables: {} },
  health: { ...client, tables: {} },
  // Gives back what the call had taken out of budgets.
  'close-stale-calls': { ...job, timeoutSecs: 120, tables: { calls: 'write', costs: 'write' } },
  'roll-up-costs': { ...job, timeoutSecs: 600, memoryMiB: 1_024, tables: { calls: 'read', costs: 'write' } },
  // Reads the events of two days' calls twice, and writes those that a vendor knows better.
  'reconcile-costs': {
    ...job,
    timeoutSecs: 900,
    memoryMiB: 1_024,
    readsMetrics: true,
    tables: { calls: 'write', costs: 'write' },
  },
  canary: { ...job, timeoutSecs: 30, memoryMiB: 256, onceOnly: true, tables: {} },
};

export const jobNames = ['close-stale-calls', 'roll-up-costs', 'reconcile-costs', 'canary'] as const;
export type JobName = (typeof jobNames)[number];

/** Each once, in the order of the routes. */
export const functionNames: readonly string[] = [
  ...new Set([...apiRoutes.map(({ name }) => name), ...jobNames]),
];

export const isJob = (name: string): boolean => (jobNames as readonly string[]).includes(name);

export const functionSource = (name: string): string => `lambdas/${isJob(name) ? 'jobs' : 'http'}/${name}.ts`;

export const functionSpec = (name: string): FunctionSpec => special[name] ?? reading;
