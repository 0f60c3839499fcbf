/** Every route of the HTTP API as data: what the gateway of a stage and the one on this machine serve. */

export type RouteAuth = 'twilio' | 'key' | 'cron' | 'none';
/** Routes of a class share their throttling. */
export type RouteClass = 'webhook' | 'calls' | 'records' | 'costs' | 'cron' | 'public';
export type Scope = 'calls:write' | 'records:read' | 'records:delete' | 'costs:read';

export const scopes: readonly Scope[] = ['calls:write', 'records:read', 'records:delete', 'costs:read'];

export interface ApiRoute {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'OPTIONS';
  /** Variables in braces. */
  readonly path: string;
  /** The function that answers: one file in `lambdas/http`. */
  readonly name: string;
  readonly auth: RouteAuth;
  readonly scope?: Scope;
  readonly class: RouteClass;
}

const webhook = { method: 'POST', auth: 'twilio', class: 'webhook' } as const;
/** What a web page asks for, with the question that browsers ask before. */
const browser = { method: 'POST', auth: 'none', class: 'public' } as const;
const preflight = { method: 'OPTIONS', auth: 'none', class: 'public' } as const;
const reading = { method: 'GET', auth: 'key', scope: 'records:read', class: 'records' } as const;

const costs = { method: 'GET', auth: 'key', scope: 'costs:read', class: 'costs' } as const;
const cron = { auth: 'cron', class: 'cron' } as const;

export const apiRoutes: readonly ApiRoute[] = [
  { ...webhook, path: '/call/incoming', name: 'inbound-call' },
  { ...webhook, path: '/call/stream-ended', name: 'stream-ended' },
  { ...webhook, path: '/call/answered', name: 'call-answered' },
  { ...webhook, path: '/call/status', name: 'call-status' },
  {
    method: 'POST',
    path: '/call/outbound',
    name: 'outbound-call',
    auth: 'key',
    scope: 'calls:write',
    class: 'calls',
  },
  { ...reading, path: '/records', name: 'records-list' },
  { ...reading, path: '/records/{callSid}', name: 'record-get' },
  { ...reading, path: '/records/by-role/{role}', name: 'records-by-role' },
  { ...reading, path: '/records/by-status/{status}', name: 'records-by-status' },
  {
    method: 'DELETE',
    path: '/records/{callSid}',
    name: 'record-delete',
    auth: 'key',
    scope: 'records:delete',
    class: 'records',
  },
  { ...browser, path: '/web-call/register', name: 'web-call-register' },
  { ...preflight, path: '/web-call/register', name: 'web-call-register' },
  { ...browser, path: '/api/consent', name: 'consent' },
  { ...preflight, path: '/api/consent', name: 'consent' },
  { ...costs, path: '/costs/call/{callSid}', name: 'costs-call' },
  { ...costs, path: '/costs/summary', name: 'costs-summary' },
  { ...costs, path: '/costs/budgets', name: 'costs-budgets' },
  { ...costs, path: '/costs/alerts', name: 'costs-alerts' },
  { ...cron, method: 'POST', path: '/costs/rollup', name: 'costs-rollup' },
  { ...cron, method: 'POST', path: '/costs/reconcile', name: 'costs-reconcile' },
  { ...cron, method: 'GET', path: '/api/cron/cost-rollup', name: 'costs-rollup' },
  { method: 'GET', path: '/health', name: 'health', auth: 'none', class: 'public' },
  { method: 'GET', path: '/openapi.json', name: 'openapi', auth: 'none', class: 'public' },
  { method: 'GET', path: '/docs', name: 'docs', auth: 'none', class: 'public' },
];
