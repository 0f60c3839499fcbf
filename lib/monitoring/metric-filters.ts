/** Log lines that become metrics. Field names are the contract of `core/telemetry/log-lines.ts`. */

/**
 * Whose lines: the media service, every function, those that Twilio asks, those that are scheduled, or the HTTP API's
 * access log. Each function has a log group, each group needs a filter, and a stack has room for 500 resources: a
 * filter stands only where its lines can come from.
 */
export type LineSource = 'media' | 'functions' | 'webhooks' | 'jobs' | 'access';

export interface LineFilter {
  readonly from: readonly LineSource[];
  readonly pattern: string;
  /** A number for each line, or the field that holds one. */
  readonly value: string;
  readonly unit: 'Count' | 'None';
}

/** Calls end in the media service, at a webhook that refuses them, or in the job that closes what was left open. */
const callLines: readonly LineSource[] = ['media', 'webhooks', 'jobs'];
const everywhere: readonly LineSource[] = ['media', 'functions'];

const counting = (from: readonly LineSource[], pattern: string): LineFilter => ({
  from,
  pattern,
  value: '1',
  unit: 'Count',
});

/**
 * One metric each. No dimensions (each value of one would be billed as a metric) and no default value (an idle
 * stage would publish zeros all day): a missing value means that no such line was written.
 */
export const lineFilters = {
  CallCostUsd: {
    from: callLines,
    pattern: '{ $.msg = "cost.call.summary" && $.estimatedCostUsd >= 0 }',
    value: '$.estimatedCostUsd',
    unit: 'None',
  },
  CallsLost: counting(['jobs'], '{ $.msg = "call.ended" && $.outcome = "lost" }'),
  CallsOverBudget: counting(['media'], '{ $.msg = "call.ended" && $.outcome = "over-budget" }'),
  CallsTurnedAway: counting(['media'], '{ $.msg = "call.refused" && $.reason = "at-capacity" }'),
  /** Where there is no tool to report with, the line is a warning. */
  CrisesUnreported: counting(['media'], '{ $.msg = "crisis.unreported" && $.level = "error" }'),
  CallMistakes: counting(
    ['media'],
    '{ $.msg = "call.unexpected-error" || $.msg = "call.not-begun" || $.msg = "stream.listener-failed" }',
  ),
  StreamFailures: counting(['webhooks'], '{ $.msg = "stream.failed" }'),
  FunctionFailures: counting(
    ['functions'],
    '{ $.msg = "function.unexpected-error" || $.msg = "function.not-configured" || $.msg = "secrets.not-usable" }',
  ),
  StoreFailures: counting(everywhere, '{ $.msg = "provider.failed" && $.provider = "dynamodb" }'),
  VendorRefusals: counting(everywhere, '{ $.msg = "provider.failed" && $.failure = "refused" }'),
  SignaturesRefused: counting(
    ['media', 'webhooks'],
    '{ $.msg = "access.refused" && ($.what = "webhook-signature" || $.what = "stream-signature") }',
  ),
  LimitHits: counting(everywhere, '{ $.msg = "limit.hit" }'),
  UnknownPrices: counting(['media', 'jobs'], '{ $.msg = "cost.alert" && $.reason = "unknown-price" }'),
  LimitsReached: counting(
    everywhere,
    '{ $.msg = "cost.alert" && ($.reason = "budget" || $.reason = "quota") }',
  ),
  ReconciliationDifferences: counting(['jobs'], '{ $.msg = "cost.alert" && $.reason = "reconciliation" }'),
  CostAnomalies: counting(['jobs'], '{ $.msg = "cost.alert" && $.reason = "anomaly" }'),
  Rollups: counting(['jobs'], '{ $.msg = "cost.rollup.daily" }'),
  OutboundRequests: counting(['access'], '{ $.routeKey = "POST /call/outbound" }'),
  OutboundLimited: counting(['access'], '{ $.routeKey = "POST /call/outbound" && $.status = "429" }'),
} as const satisfies Readonly<Record<string, LineFilter>>;

export type LineMetricName = keyof typeof lineFilters;

/** A namespace per stage keeps stages of one account apart. */
export const lineNamespace = (stage: string) => `VoiceCenter/Lines/${stage}`;
