/** Every function: its size, its time, and why; a scheduled one also when. Adding one is a line here. */
import { apiRoutes } from '#core/http/routes.ts';

export interface FunctionSpec {
  readonly name: string;
  /** Under `lambdas/`. */
  readonly source: 'http' | 'jobs';
  /** Lambda gives CPU in proportion: 1,769 MB are one vCPU (AWS Lambda developer guide, "Configure memory"). */
  readonly memoryMb: number;
  readonly timeoutSecs: number;
  /** Where money is spent per run, no more than so many at once. */
  readonly reserved?: number;
  readonly reason: string;
  readonly schedule?: ScheduleSpec;
}

export interface ScheduleSpec {
  /** EventBridge Scheduler, UTC. */
  readonly expression: string;
  /** Minutes within which it may start; 0 for exactly. */
  readonly flexibleMinutes: number;
  /** The next run says the same soon: a failed one is neither tried again nor kept. */
  readonly isFrequent?: boolean;
  /** Means nothing while the stage is parked. */
  readonly needsMedia?: boolean;
}

type Size = Omit<FunctionSpec, 'name' | 'source' | 'schedule'>;

const webhook: Size = {
  memoryMb: 1_024,
  timeoutSecs: 10,
  reason: 'A caller waits: half a vCPU keeps a cold start short; Twilio gives up after 15 s.',
};
const client: Size = {
  memoryMb: 512,
  timeoutSecs: 15,
  reason: 'One request to the tables for a client that can wait for a cold start.',
};

/** What differs from the size of its class. */
const httpSizes: Readonly<Record<string, Size>> = {
  'inbound-call': {
    ...webhook,
    reserved: 50,
    reason: 'Each answer starts a paid call; a flood stops here. 50 at 100 ms each are 500 calls a second.',
  },
  'outbound-call': {
    memoryMb: 1_024,
    timeoutSecs: 25,
    reserved: 10,
    reason:
      'Waits for Twilio and places paid calls; below the 30 s of the gateway. Holds the numbering plan.',
  },
  health: {
    memoryMb: 256,
    timeoutSecs: 10,
    reason: 'Answers from memory, each minute for the canary.',
  },
};

const httpFunctions: readonly FunctionSpec[] = [
  ...new Map(apiRoutes.map((route) => [route.name, route.class])),
].map(([name, routeClass]) => ({
  name,
  source: 'http',
  ...(httpSizes[name] ?? (routeClass === 'webhook' ? webhook : client)),
}));

const jobs: readonly FunctionSpec[] = [
  {
    name: 'close-stale-calls',
    source: 'jobs',
    memoryMb: 512,
    timeoutSecs: 120,
    reserved: 1,
    reason: 'Up to a hundred calls, one after the other; two runs at once would do the same work.',
    schedule: { expression: 'rate(5 minutes)', flexibleMinutes: 0 },
  },
  {
    name: 'roll-up-costs',
    source: 'jobs',
    memoryMb: 1_024,
    timeoutSecs: 600,
    reserved: 1,
    reason: "Reads a day's calls; a late one may have several days to make up for.",
    schedule: { expression: 'cron(0 6 * * ? *)', flexibleMinutes: 0 },
  },
  {
    name: 'canary',
    source: 'jobs',
    memoryMb: 512,
    timeoutSecs: 45,
    reserved: 1,
    reason: 'Three requests with a deadline of ten seconds each, and done before the next one starts.',
    schedule: { expression: 'rate(1 minute)', flexibleMinutes: 0, isFrequent: true, needsMedia: true },
  },
];

export const functions: readonly FunctionSpec[] = [...httpFunctions, ...jobs];
