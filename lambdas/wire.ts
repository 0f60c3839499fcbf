/** Composition root of the functions: environment to services, once per cold start, on first use. */
import { randomBytes } from 'node:crypto';
import { digestApiKey, findApiKey, isSameSecret } from '#adapters/crypto/api-keys.ts';
import { createKeyedHash } from '#adapters/crypto/keyed-hash.ts';
import { createStreamTokens } from '#adapters/crypto/stream-tokens.ts';
import { createDynamoBlockList } from '#adapters/dynamodb/block-list.ts';
import { createDynamoAlertStore, createDynamoBudgetStore } from '#adapters/dynamodb/budget-store.ts';
import { createDynamoCallStore } from '#adapters/dynamodb/call-store.ts';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { createDynamoCostStore } from '#adapters/dynamodb/cost-store.ts';
import { createTelemetry } from '#adapters/logging/telemetry.ts';
import { systemClock } from '#adapters/system-clock/clock.ts';
import { createBudgetGuard } from '#core/costs/budget-guard.ts';
import { scopes } from '#core/http/routes.ts';
import { parseConfig } from './config.ts';
import { reportProviderOrThrow } from './failures.ts';
import type { LoadServices, Services } from './services.ts';

const nonceBytes = 18;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @param readEnvironment settings and secrets, wherever they are kept; asked again after it has failed, so that one
 * bad moment does not stay with a process.
 */
export function createWire(readEnvironment: () => Promise<Environment>): LoadServices {
  let services: Promise<Services> | undefined;
  return () => {
    services ??= readEnvironment()
      .then(build)
      .catch((error: unknown) => {
        services = undefined;
        throw error;
      });
    return services;
  };
}

/** Secrets are part of the process environment. */
export const wire: LoadServices = createWire(async () => process.env);

function build(environment: Environment): Services {
  const config = parseConfig(environment);
  const documents = createDynamoDocuments({
    region: config.AWS_REGION,
    endpoint: config.AWS_ENDPOINT_URL_DYNAMODB,
  });
  const development = config.OUTBOUND_API_KEY;
  const keys = [
    ...config.API_KEYS,
    ...(development === undefined ? [] : [{ id: 'outbound', sha256: digestApiKey(development), scopes }]),
  ];
  const now = () => systemClock.now();
  const telemetry = createTelemetry({
    service: 'api',
    stage: config.STAGE,
    version: config.SERVICE_VERSION,
    minLevel: config.LOG_LEVEL,
    clock: systemClock,
    write: (line) => process.stdout.write(`${line}\n`),
  });
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
    budgetGuard: createBudgetGuard({
      settings: config.BUDGETS,
      budgets,
      alerts,
      clock: systemClock,
      telemetry,
      onFailure: (error) => reportProviderOrThrow(telemetry, error),
    }),
    blockList: createDynamoBlockList(documents, config.LIMITS_TABLE, now),
    streamTokens: createStreamTokens({ secrets: config.STREAM_TOKEN_SECRET }),
    hashNumber: createKeyedHash(config.PHONE_HASH_KEY),
    newNonce: () => randomBytes(nonceBytes).toString('base64url'),
    isCronSecret: (token) => config.CRON_SECRET !== undefined && isSameSecret(config.CRON_SECRET, token),
    findKey: (token) => findApiKey(keys, token, now()),
  };
}
