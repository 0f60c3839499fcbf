/**
 * Every secret of a stage, and the phone map beside them: the one list that the templates, their permissions, the
 * command that puts and checks them, and the runbook's rotations go by.
 */
import type * as z from 'zod';
import { phoneMapSchema } from '#core/calls/phone-map.ts';
import { type ApiRoute, apiRoutes, type RouteAuth } from '#core/http/routes.ts';
import { functionsConfigSchema } from '#lambdas/config.ts';
import {
  apiKeyOfAnthropic,
  apiKeyOfElevenLabs,
  bearerToken,
  commaList,
  jsonText,
  secretText,
  twilioAuthToken,
} from './shapes.ts';

/** `media` for the task, else the name of a function: a file of `lambdas/http` or `lambdas/jobs`. */
export type Reader = string;

export interface Rotation {
  /** Days after which `secrets check` calls the value stale; null for one that is never changed without need. */
  readonly everyDays: number | null;
  /** How to change it without a call or a request refused in between. */
  readonly how: string;
}

export interface SecretSpec {
  /** The last part of the parameter's name. */
  readonly id: string;
  readonly parameterName: (stage: string) => string;
  /** The environment variable the reader finds it in. */
  readonly variable: string;
  readonly type: 'SecureString' | 'String';
  /** `all` functions, or those named; the media service or not. */
  readonly readers: { readonly media: boolean; readonly functions: 'all' | readonly string[] };
  /** A reader starts without it. */
  readonly optional: boolean;
  /** How the value looks. Messages say what is wrong and never quote the value. */
  readonly schema: z.ZodType<unknown, string>;
  readonly description: string;
  readonly rotate: Rotation;
}

export const parameterPath = (stage: string): string => `/cotrackpro/${stage}/voice`;

/** Half a year: what a vendor's key may live when nothing has happened to it. */
const halfYearDays = 180;
const yearDays = 365;

const routesBy = (auth: RouteAuth): readonly string[] =>
  apiRoutes.filter((route: ApiRoute) => route.auth === auth).map(({ name }) => name);

const define = (
  spec: Omit<SecretSpec, 'parameterName' | 'type' | 'optional'> & Partial<SecretSpec>,
): SecretSpec => ({
  type: 'SecureString',
  optional: false,
  parameterName: (stage) => `${parameterPath(stage)}/${spec.id}`,
  ...spec,
});

const everywhere = { media: true, functions: 'all' } as const;
/** Who compares our books with the vendors'. */
const bookKeepers = ['reconcile-costs', 'costs-reconcile'];
const mediaOnly = { media: true, functions: [] } as const;

const takesTwo =
  'Put "new,old" and deploy; both are accepted. When nothing uses the old one any more, put "new" and deploy.';

export const secrets: readonly SecretSpec[] = [
  define({
    id: 'twilio_auth_token',
    variable: 'TWILIO_AUTH_TOKEN',
    readers: everywhere,
    schema: commaList(twilioAuthToken),
    description:
      "Auth token of the Twilio account: proves that webhooks and streams are Twilio's; the first of several is used for requests.",
    rotate: {
      everyDays: halfYearDays,
      how: `Create a secondary token in the Twilio console. ${takesTwo} Promote the secondary one in between.`,
    },
  }),
  define({
    id: 'stream_token_secret',
    variable: 'STREAM_TOKEN_SECRET',
    readers: everywhere,
    schema: commaList(secretText),
    description: 'Signs the token that binds a media stream to its call.',
    rotate: { everyDays: halfYearDays, how: takesTwo },
  }),
  define({
    id: 'phone_hash_key',
    variable: 'PHONE_HASH_KEY',
    readers: { media: false, functions: 'all' },
    schema: secretText,
    description: "Keys the hash that stands for a caller's number.",
    rotate: {
      everyDays: null,
      how: 'Only when it has leaked: every block list entry and consent is kept under the old hash and is lost.',
    },
  }),
  define({
    id: 'cursor_secret',
    variable: 'CURSOR_SECRET',
    readers: { media: false, functions: 'all' },
    schema: secretText,
    description: 'Signs the cursors of lists.',
    rotate: {
      everyDays: yearDays,
      how: 'Put a new value and deploy: clients in the middle of a list begin it again.',
    },
  }),
  define({
    id: 'api_keys',
    variable: 'API_KEYS',
    readers: { media: false, functions: [...routesBy('key'), 'health'] },
    schema: functionsConfigSchema.shape.API_KEYS.unwrap(),
    description: 'Digests, scopes and ends of the API keys, as a JSON list; [] for none.',
    rotate: {
      everyDays: null,
      how: 'Per key: add the new one beside the old, let the client change, then remove the old one.',
    },
  }),
  define({
    id: 'cron_secret',
    variable: 'CRON_SECRET',
    readers: { media: false, functions: routesBy('cron') },
    schema: bearerToken,
    description: 'Bearer of the operators and schedulers that start a job over HTTP.',
    rotate: { everyDays: yearDays, how: 'Put a new value and tell whoever starts jobs by hand.' },
  }),
  define({
    id: 'anthropic_api_key',
    variable: 'ANTHROPIC_API_KEY',
    readers: mediaOnly,
    schema: apiKeyOfAnthropic,
    description: 'Key of the Anthropic API (Claude answers).',
    rotate: {
      everyDays: halfYearDays,
      how: 'Create a second key in the console, put it, deploy, delete the first once the old tasks are gone.',
    },
  }),
  define({
    id: 'elevenlabs_api_key',
    variable: 'ELEVENLABS_API_KEY',
    readers: { media: true, functions: bookKeepers },
    schema: apiKeyOfElevenLabs,
    description: 'Key of ElevenLabs (listens and speaks).',
    rotate: {
      everyDays: halfYearDays,
      how: 'Create a second key in the console, put it, deploy, delete the first once the old tasks are gone.',
    },
  }),
  define({
    id: 'anthropic_admin_key',
    variable: 'ANTHROPIC_ADMIN_KEY',
    readers: { media: false, functions: bookKeepers },
    optional: true,
    schema: apiKeyOfAnthropic,
    description: 'Admin key of Anthropic: reads usage and cost reports for the daily comparison of books.',
    rotate: { everyDays: halfYearDays, how: 'Create a second admin key, put it, delete the first one.' },
  }),
  define({
    id: 'mcp_token',
    variable: 'MCP_TOKEN',
    readers: mediaOnly,
    optional: true,
    schema: bearerToken,
    description: 'Bearer token of the MCP server, where it wants one.',
    rotate: { everyDays: halfYearDays, how: 'Let the server accept both, put the new one, deploy.' },
  }),
];

/** Not a secret: which number is answered in which role. `npm run phone-map` shows, checks and edits it. */
export const phoneMap: SecretSpec = define({
  id: 'inbound_phone_map',
  variable: 'INBOUND_PHONE_MAP',
  type: 'String',
  readers: { media: false, functions: ['inbound-call'] },
  schema: jsonText(phoneMapSchema),
  description: 'Role, voice and person behind each number of ours, as JSON; {} for the defaults.',
  rotate: { everyDays: null, how: 'Functions read it again within minutes; nothing has to be deployed.' },
});

export const parameters: readonly SecretSpec[] = [...secrets, phoneMap];

/**
 * What one reader may read: the base of its permissions and of its environment.
 * @param including optional ones that this stage has, by id
 */
export function parametersOf(reader: Reader, including: readonly string[] = []): readonly SecretSpec[] {
  return parameters.filter(({ id, readers, optional }) => {
    if (optional && !including.includes(id)) return false;
    if (reader === 'media') return readers.media;
    return readers.functions === 'all' || readers.functions.includes(reader);
  });
}

/**
 * What a function is told in `SECRET_PARAMETERS`: `VARIABLE=/name` separated by commas, with a question mark behind
 * the variable where the function works without it. The values themselves never
 * stand in a function's settings, where everybody who may list functions could read them.
 */
export function secretParametersVariable(specs: readonly SecretSpec[], stage: string): string {
  return specs
    .map(({ variable, type, optional, parameterName }) => {
      const mayMiss = optional || type === 'String' ? '?' : '';
      return `${variable}${mayMiss}=${parameterName(stage)}`;
    })
    .join(',');
}
