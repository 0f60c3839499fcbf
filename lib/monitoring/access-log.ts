/** What the HTTP API writes for each request: a line of JSON in which every value is a text. */
export const accessLogFields = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  routeKey: '$context.routeKey',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  integrationStatus: '$context.integrationStatus',
  integrationError: '$context.integrationErrorMessage',
  responseBytes: '$context.responseLength',
} as const;

/** No address and no path: `routeKey` names the route without the CallSid or number that a path may hold. */
export const accessLogFormat = JSON.stringify(accessLogFields);
