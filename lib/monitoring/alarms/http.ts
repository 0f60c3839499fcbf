/** Webhooks and the API: what Twilio, clients and browsers get from us. */
import { apiRoutes } from '#core/http/routes.ts';
import type { Watched } from '../props.ts';
import { aws, computed, embedded, lines, plain, sumOf } from '../signals.ts';
import { type AlarmSpec, counted, hourSecs, minuteSecs, nobodyCalls, nothingIsGood } from './spec.ts';

/** Without their answer a caller hears nothing. */
const webhookFunctions = apiRoutes.filter(({ auth }) => auth === 'twilio').map(({ name }) => name);

export function httpAlarms(watched: Watched): readonly AlarmSpec[] {
  return [...webhookAlarms(watched), ...accessAlarms];
}

function webhookAlarms({ references }: Watched): readonly AlarmSpec[] {
  const api = { ApiId: references.httpApiId };
  const webhookNames = webhookFunctions.flatMap((name) => references.functionNames[name] ?? []);
  const ofWebhooks = (metric: string) =>
    webhookNames.map((FunctionName) => aws('AWS/Lambda', metric, { FunctionName }, 'Sum'));
  return [
    counted({
      id: 'webhook-errors',
      says: 'Functions fail, time out, or miss a part of their environment.',
      severity: 'page',
      signal: sumOf('failures', [lines('FunctionFailures', 'Sum'), ...ofWebhooks('Errors')]),
      threshold: 2,
    }),
    counted({
      id: 'webhook-throttled',
      says: 'Webhooks found no free place in their functions: callers hear the carrier’s error.',
      severity: 'page',
      signal: sumOf('throttles', ofWebhooks('Throttles')),
      threshold: 1,
    }),
    {
      id: 'api-5xx',
      says: 'More than 1 % of the requests of five minutes were answered with a failure of ours.',
      severity: 'page',
      level: 'full',
      signal: computed('5xx, %', 'IF(FILL(failed,0) >= 3, 100*FILL(failed,0)/total, 0)', {
        failed: aws('AWS/ApiGateway', '5xx', api, 'Sum'),
        total: aws('AWS/ApiGateway', 'Count', api, 'Sum'),
      }),
      is: '>',
      threshold: 1,
      periodSecs: 5 * minuteSecs,
      periods: 1,
      breaching: 1,
      missing: nobodyCalls,
    },
    {
      id: 'webhook-latency',
      says: 'One webhook of twenty takes longer than half a second, for fifteen minutes.',
      severity: 'ticket',
      level: 'full',
      signal: plain('webhook p95, ms', embedded('WebhookMs', 'p95', 'api')),
      is: '>',
      threshold: 500,
      periodSecs: 5 * minuteSecs,
      periods: 3,
      breaching: 3,
      missing: nobodyCalls,
    },
  ];
}

const accessAlarms: readonly AlarmSpec[] = [
  counted({
    id: 'signatures-refused',
    says: 'Ten webhooks or streams within five minutes were not signed by Twilio for our address.',
    severity: 'ticket',
    signal: plain('signatures refused', lines('SignaturesRefused', 'Sum')),
    threshold: 10,
  }),
  {
    id: 'rate-limit-hits',
    says: 'Limits were hit more than fifty times in an hour.',
    severity: 'ticket',
    level: 'full',
    signal: plain('limit hits', lines('LimitHits', 'Sum')),
    is: '>',
    threshold: 50,
    periodSecs: hourSecs,
    periods: 1,
    breaching: 1,
    missing: nothingIsGood,
  },
  {
    id: 'outbound-limited',
    says: 'More than a tenth of the outbound calls of fifteen minutes were refused by a limit.',
    severity: 'ticket',
    level: 'full',
    signal: computed('429, %', 'IF(FILL(limited,0) >= 10, 100*FILL(limited,0)/total, 0)', {
      limited: lines('OutboundLimited', 'Sum'),
      total: lines('OutboundRequests', 'Sum'),
    }),
    is: '>',
    threshold: 10,
    periodSecs: 15 * minuteSecs,
    periods: 1,
    breaching: 1,
    missing: nothingIsGood,
  },
];
