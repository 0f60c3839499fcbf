import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** A caller or a client waits behind every request: two attempts of a second each, no more. */
const attemptsMax = 2;
const requestTimeoutMs = 1_000;
const connectionTimeoutMs = 500;

export interface DynamoOptions {
  readonly region: string;
  /** Only for a database that is not AWS's own. */
  readonly endpoint?: string | undefined;
  /** Tests wait less, or for a crowd longer. */
  readonly requestTimeoutMs?: number;
  readonly connectionTimeoutMs?: number;
}

export function createDynamoClient(options: DynamoOptions): DynamoDBClient {
  const { region, endpoint } = options;
  return new DynamoDBClient({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: attemptsMax,
    requestHandler: {
      requestTimeout: options.requestTimeoutMs ?? requestTimeoutMs,
      // Without it the SDK only warns when the time is over, and goes on waiting.
      throwOnRequestTimeout: true,
      connectionTimeout: options.connectionTimeoutMs ?? connectionTimeoutMs,
    },
  });
}

export function createDynamoDocuments(options: DynamoOptions): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(createDynamoClient(options), {
    marshallOptions: { removeUndefinedValues: true },
  });
}
