/** Composition root of the functions: environment to services, once per cold start, on first use. */
import { randomBytes } from 'node:crypto';
import { createAnthropicReport } from '#adapters/anthropic/usage-report.ts';
import { digestApiKey, findApiKey, isSameSecret } from '#adapters/crypto/api-keys.ts';
import { createKeyedHash } from '#adapters/crypto/keyed-hash.ts';
import { createStreamTokens } from '#adapters/crypto/stream-tokens.ts';
import { createDynamoAlertStore } from '#adapters/dynamodb/alert-store.ts';
import { createDynamoBlockList } from '#adapters/dynamodb/block-list.ts';
import { createDynamoBudgetStore } from '#adapters/dynamodb/budget-store.ts';
import { createDynamoCallStore } from '#adapters/dynamodb/call-store.ts';
import { createDynamoCallerGate } from '#adapters/dynamodb/caller-gate.ts';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { createDynamoConductStore } from '#adapters/dynamodb/conduct-store.ts';
import { createDynamoConsentStore } from '#adapters/dynamodb/consent-store.ts';
import { createDynamoCostStore } from '#adapters/dynamodb/cost-store.ts';
import { createDynamoIdempotency } from '#adapters/dynamodb/idempotency.ts';
import { createDynamoOutboundPlans } from '#adapters/dynamodb/outbound-plans.ts';
import { createDynamoRateLimiter } from '#adapters/dynamodb/rate-limiter.ts';
import { createElevenLabsReport } from '#adapters/elevenlabs/usage-report.ts';
import { createTelemetry } from '#adapters/logging/telemetry.ts';
import { createSsmClient } from '#adapters/ssm/client.ts';
import { createReadParameters } from '#adapters/ssm/read-parameters.ts';
import { systemClock } from '#adapters/system-clock/clock.ts';
import { createTwilioCallList } from '#adapters/twilio/call-list.ts';
import { createTwilioOutboundCalls } from '#adapters/twilio/outbound-calls.ts';
import { createTwilioTelephony } from '#adapters/twilio/telephony.ts';
import { createTwilioUsage } from '#adapters/twilio/usage.ts';
import { createGuardedGate } from '#core/abuse/guarded-gate.ts';
import { createBudgetGuard } from '#core/costs/budget-guard.ts';
import { createTaskReport } from '#core/costs/task-report.ts';
import { isProviderError } from '#core/errors.ts';
import { scopes } from '#core/http/routes.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import { skippedReport, type UsageReport } from '#core/ports/usage-report.ts';
import { createGuardedLimiter } from '#core/rate-limits/guarded-limiter.ts';
import { createLocalLimiter } from '#core/rate-limits/local-limiter.ts';
import { ConfigError, type FunctionsConfig, parseConfig } from './config.ts';
import { reportProvider, reportProviderOrThrow, reportUnexpected } from './failures.ts';
import { createLimitsCircuit } from './rate-limits.ts';
import { createEnvironmentReader } from './secret-parameters.ts';
import type { LoadServices, Services } from './services.ts';
import { createSourceCheck } from './source-address.ts';

const nonceBytes = 18;

type Environment = Readonly<Record<string, string | undefined>>;

/** A secret that was changed is in use everywhere after this time, without a deploy. */
const freshMs = 5 * 60_000;

interface Built {
  readonly environment: Environment;
  readonly services: Services;
}

/**
 * @param readEnvironment settings and secrets, wherever they are kept; asked again after it has failed, so that one
 * bad moment does not stay with a process, and from time to time: another object means that something has changed.
 */
export function createWire(
  readEnvironment: () => Promise<Environment>,
  options: { readonly freshMs: number; readonly nowMs: () => number } = {
    freshMs: Number.POSITIVE_INFINITY,
    nowMs: () => 0,
  },
): LoadServices {
  let built: Promise<Built> | undefined;
  let readAtMs = 0;

  const buildFirst = async (): Promise<Built> => {
    const environment = await readEnvironment();
    return { environment, services: build(environment) };
  };
  /** A store that is away, or a value that is wrong, does not take away what works. */
  const buildAgain = async (before: Built): Promise<Built> => {
    try {
      const environment = await readEnvironment();
      return environment === before.environment ? before : { environment, services: build(environment) };
    } catch (error) {
      const { telemetry } = before.services;
      if (isProviderError(error)) reportProvider(telemetry, error);
      else if (error instanceof ConfigError)
        telemetry.log('error', { msg: 'secrets.not-usable', problem: error.message });
      else reportUnexpected(telemetry, error, 'secrets');
      return before;
    }
  };

  return async () => {
    const nowMs = options.nowMs();
    if (built === undefined) {
      readAtMs = nowMs;
      built = buildFirst().catch((error: unknown) => {
        built = undefined;
        throw error;
      });
    } else if (nowMs - readAtMs >= options.freshMs) {
      readAtMs = nowMs;
      built = built.then(buildAgain);
    }
    return (await built).services;
  };
}

/** Secrets are part of the process environment on one machine; in a stage the parameter store holds them. */
export const wire: LoadServices = createWire(
  createEnvironmentReader(process.env, async (names) => {
    const region = process.env['AWS_REGION'] ?? 'us-east-1';
    const client = createSsmClient({ region, endpoint: process.env['AWS_ENDPOINT_URL_SSM'] });
    try {
      return await createReadParameters(client)(names);
    } finally {
      client.destroy();
    }
  }),
  { freshMs, nowMs: () => systemClock.nowMs() },
);

type Documents = ReturnType<typeof createDynamoDocuments>;

function createLogs(config: FunctionsConfig): Telemetry {
  return createTelemetry({
    service: 'api',
    stage: config.STAGE,
    version: config.SERVICE_VERSION,
    minLevel: config.LOG_LEVEL,
    clock: systemClock,
    write: (line) => process.stdout.write(`${line}\n`),
  });
}

/** What this process has counted itself holds for as long as the table is away. */
function limitersOf(
  documents: Documents,
  { LIMITS_TABLE: table }: FunctionsConfig,
  telemetry: Telemetry,
): Pick<Services, 'limiter' | 'callerGate'> {
  const now = () => systemClock.now();
  const local = createLocalLimiter(() => now().getTime());
  const circuit = createLimitsCircuit({ clock: systemClock, telemetry });
  const gate = createDynamoCallerGate({ documents, table, now });
  return {
    limiter: createGuardedLimiter({ shared: createDynamoRateLimiter(documents, table, now), local, circuit }),
    callerGate: createGuardedGate({ shared: gate, local, circuit }),
  };
}

/** The numbering plan is large, and only calls that we place need it. */
async function loadNumberFacts(number: string) {
  const { numberFacts } = await import('#adapters/phone-numbers/number-facts.ts');
  return numberFacts(number);
}

function findKeyIn(config: FunctionsConfig): Services['findKey'] {
  const development = config.OUTBOUND_API_KEY;
  const keys = [
    ...config.API_KEYS,
    ...(development === undefined ? [] : [{ id: 'outbound', sha256: digestApiKey(development), scopes }]),
  ];
  return (token) => findApiKey(keys, token, systemClock.now());
}

function twilioOf(config: FunctionsConfig): Pick<Services, 'carrierCalls' | 'outboundCalls' | 'telephony'> {
  const account = {
    accountSid: config.TWILIO_ACCOUNT_SID,
    authToken: config.TWILIO_AUTH_TOKEN[0] ?? '',
    baseUrl: config.TWILIO_API_BASE_URL,
  };
  return {
    carrierCalls: createTwilioCallList(account),
    outboundCalls: createTwilioOutboundCalls(account),
    telephony: createTwilioTelephony(account),
  };
}

/** The client of the metrics is large, and only who compares the books needs it. */
function taskReportOf(config: FunctionsConfig): UsageReport {
  const { AWS_REGION: region, AWS_ENDPOINT_URL_CLOUDWATCH: endpoint, STAGE: stage, prices } = config;
  return createTaskReport(prices, async (day, options) => {
    const { readTaskSecs } = await import('#adapters/cloudwatch/task-time.ts');
    return readTaskSecs(day, { region, endpoint, stage }, options);
  });
}

function usageReportsOf(config: FunctionsConfig): readonly UsageReport[] {
  const { prices } = config;
  return [
    createTwilioUsage({
      accountSid: config.TWILIO_ACCOUNT_SID,
      authToken: config.TWILIO_AUTH_TOKEN[0] ?? '',
      baseUrl: config.TWILIO_API_BASE_URL,
    }),
    config.ELEVENLABS_API_KEY === undefined
      ? skippedReport(['elevenlabs-tts', 'elevenlabs-stt'], 'ELEVENLABS_API_KEY is not set.')
      : createElevenLabsReport({
          apiKey: config.ELEVENLABS_API_KEY,
          baseUrl: config.ELEVENLABS_BASE_URL,
          speechModel: config.ELEVENLABS_TTS_MODEL,
          prices,
          clock: systemClock,
        }),
    config.ANTHROPIC_ADMIN_KEY === undefined
      ? skippedReport(['anthropic'], 'ANTHROPIC_ADMIN_KEY is not set.')
      : createAnthropicReport({
          adminKey: config.ANTHROPIC_ADMIN_KEY,
          baseUrl: config.ANTHROPIC_BASE_URL,
          prices,
        }),
    // One machine has no tasks.
    ...(config.STAGE === 'local' ? [] : [taskReportOf(config)]),
  ];
}

function build(environment: Environment): Services {
  const config = parseConfig(environment);
  const documents = createDynamoDocuments({
    region: config.AWS_REGION,
    endpoint: config.AWS_ENDPOINT_URL_DYNAMODB,
  });
  const telemetry = createLogs(config);
  const keyedHash = createKeyedHash(config.PHONE_HASH_KEY);
  const now = () => systemClock.now();
  const costsTable = { documents, table: config.COSTS_TABLE, now };
  const budgets = createDynamoBudgetStore(costsTable);
  const alerts = createDynamoAlertStore(costsTable);
  return {
    config,
    clock: systemClock,
    telemetry,
    store: createDynamoCallStore({
      documents,
      table: config.CALLS_TABLE,
      cursorSecret: config.CURSOR_SECRET,
      now,
    }),
    costs: createDynamoCostStore({ ...costsTable, callsTable: config.CALLS_TABLE }),
    budgets,
    alerts,
    usageReports: usageReportsOf(config),
    budgetGuard: createBudgetGuard({
      settings: config.BUDGETS,
      budgets,
      alerts,
      clock: systemClock,
      telemetry,
      onFailure: (error) => reportProviderOrThrow(telemetry, error),
    }),
    blockList: createDynamoBlockList(documents, config.LIMITS_TABLE, now),
    ...limitersOf(documents, config, telemetry),
    consents: createDynamoConsentStore(documents, config.CONSENTS_TABLE),
    conducts: createDynamoConductStore(documents, config.LIMITS_TABLE, now),
    idempotency: createDynamoIdempotency(documents, config.LIMITS_TABLE, now),
    outboundPlans: createDynamoOutboundPlans(documents, config.LIMITS_TABLE, now),
    ...twilioOf(config),
    numberFacts: loadNumberFacts,
    streamTokens: createStreamTokens({ secrets: config.STREAM_TOKEN_SECRET }),
    hashNumber: keyedHash,
    pseudonym: (kind, value) => keyedHash(`${kind} ${value}`),
    isCarrierAddress: createSourceCheck(config.TWILIO_SOURCE_RANGES),
    newNonce: () => randomBytes(nonceBytes).toString('base64url'),
    isCronSecret: (token) => config.CRON_SECRET !== undefined && isSameSecret(config.CRON_SECRET, token),
    findKey: findKeyIn(config),
  };
}
