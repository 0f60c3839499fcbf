/** Log lines that become metrics. Field names are the contract of `core/telemetry/log-lines.ts`. */

/** Whose lines: the media service, every function, or the HTTP API's access log. */
export type LineSource = 'media' | 'functions' | 'access';

export interface LineFilter {
  readonly from: readonly LineSource[];
  readonly pattern: string;
  /** A number for each line, or the field that holds one. */
  readonly value: string;
  readonly unit: 'Count' | 'None';
}

/** Lines about calls come from the media service, and from the job that closes what it left open. */
const callLines: readonly LineSource[] = ['media', 'functions'];
const everywhere = callLines;

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
  CallsLost: counting(callLines, '{ $.msg = "call.ended" && $.outcome = "lost" }'),
  CallsOverBudget: counting(callLines, '{ $.msg = "call.ended" && $.outcome = "over-budget" }'),
  CallsTurnedAway: counting(['media'], '{ $.msg = "call.refused" && $.reason = "at-capacity" }'),
  /** Where there is no tool to report with, the line is a warning. */
  CrisesUnreported: counting(['media'], '{ $.msg = "crisis.unreported" && $.level = "error" }'),
  CallMistakes: counting(
    ['media'],
    '{ $.msg = "call.unexpected-error" || $.msg = "call.not-begun" || $.msg = "stream.listener-failed" }',
  ),
  StreamFailures: counting(['functions'], '{ $.msg = "stream.failed" }'),
  FunctionFailures: counting(
    ['functions'],
    '{ $.msg = "function.unexpected-error" || $.msg = "function.not-configured" || $.msg = "secrets.not-usable" }',
  ),
  StoreFailures: counting(everywhere, '{ $.msg = "provider.failed" && $.provider = "dynamodb" }'),
  VendorRefusals: counting(everywhere, '{ $.msg = "provider.failed" && $.failure = "refused" }'),
  SignaturesRefused: counting(
    everywhere,
    '{ $.msg = "access.refused" && ($.what = "webhook-signature" || $.what = "stream-signature") }',
  ),
  LimitHits: counting(everywhere, '{ $.msg = "limit.hit" }'),
  UnknownPrices: counting(everywhere, '{ $.msg = "cost.alert" && $.reason = "unknown-price" }'),
  Rollups: counting(['functions'], '{ $.msg = "cost.rollup.daily" }'),
  OutboundRequests: counting(['access'], '{ $.routeKey = "POST /call/outbound" }'),
  OutboundLimited: counting(['access'], '{ $.routeKey = "POST /call/outbound" && $.status = "429" }'),
} as const satisfies Readonly<Record<string, LineFilter>>;

export type LineMetricName = keyof typeof lineFilters;

/** A namespace per stage keeps stages of one account apart. */
export const lineNamespace = (stage: string) => `VoiceCenter/Lines/${stage}`;
