/** Settings of a stage as the variables that the processes read; secrets come beside them, by reference. */
import type * as z from 'zod';
import type { functionsConfigSchema } from '#lambdas/config.ts';
import type { mediaConfigSchema } from '#media-service/config.ts';
import type { StageSettings } from './settings/schema.ts';

type FunctionVariables = Partial<Record<keyof z.infer<typeof functionsConfigSchema>, string>>;
type MediaVariables = Partial<
  Record<keyof z.infer<typeof mediaConfigSchema> | 'FARGATE_TASK_VCPU' | 'FARGATE_TASK_MEMORY_GB', string>
>;

export const publicBaseUrl = ({ domain }: StageSettings) => `https://${domain.apiHost}`;
export const mediaBaseUrl = ({ domain }: StageSettings) => `wss://${domain.mediaHost}`;

/** The container's port; the load balancer's is 443. */
export const mediaPort = 8080;

/** In the image. */
export const phrasesFolder = '/app/phrases';

/** Fargate kills a task this long after SIGTERM, and takes no larger number (Amazon ECS API, `stopTimeout`). */
export const stopTimeoutSecs = 120;

/** From SIGTERM: accepted while deregistration spreads (about 15 s), goodbyes from 80 s on, out by 110 s. */
export const drainMs = { accept: 15_000, grace: 65_000, goodbye: 20_000 } as const;

export function functionVariables(settings: StageSettings, version: string): FunctionVariables {
  return {
    STAGE: settings.stage,
    SERVICE_VERSION: version,
    PUBLIC_BASE_URL: publicBaseUrl(settings),
    MEDIA_BASE_URL: mediaBaseUrl(settings),
    TWILIO_ACCOUNT_SID: settings.twilio.accountSid,
    TWILIO_PHONE_NUMBER: settings.twilio.phoneNumber,
    OUTBOUND_COUNTRIES: settings.outboundCountries.join(','),
    CALLS_PER_MINUTE_MAX: String(settings.callsPerMinuteMax),
    DEFAULT_ROLE: settings.defaultRole,
    RECORDS_TTL_DAYS: String(settings.recordsTtlDays),
  };
}

export function mediaVariables(settings: StageSettings, version: string): MediaVariables {
  const { media, mcp, transferNumber } = settings;
  return {
    STAGE: settings.stage,
    SERVICE_VERSION: version,
    MEDIA_PORT: String(mediaPort),
    MEDIA_BASE_URL: mediaBaseUrl(settings),
    CALLS_PER_PROCESS_MAX: String(media.callsPerTask),
    CALL_MAX_SECS: String(media.callMaxSecs),
    DRAIN_ACCEPT_MS: String(drainMs.accept),
    DRAIN_GRACE_MS: String(drainMs.grace),
    DRAIN_GOODBYE_MS: String(drainMs.goodbye),
    RECORDED_PHRASES_DIR: phrasesFolder,
    RECORDS_TTL_DAYS: String(settings.recordsTtlDays),
    COMPUTE_SHARE: String(1 / media.callsPerTask),
    FARGATE_TASK_VCPU: String(media.vcpu),
    FARGATE_TASK_MEMORY_GB: String(media.memoryGb),
    ...(mcp === undefined ? {} : { MCP_URL: mcp.url }),
    ...(transferNumber === undefined ? {} : { TRANSFER_NUMBER: transferNumber }),
  };
}

/** Secrets that only some stages have, by their id in the manifest. */
export const optionalSecrets = ({ mcp }: StageSettings): readonly string[] =>
  mcp?.hasToken === true ? ['mcp_token'] : [];
