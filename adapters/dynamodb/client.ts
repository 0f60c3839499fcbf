import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type AwsOptions, clientOptions } from '../aws/client-options.ts';
import { createDocuments, type Documents } from './documents.ts';

/** A caller or a client waits behind every request. */
const clientLimits = { attemptsMax: 2, requestTimeoutMs: 1_000, connectionTimeoutMs: 500 } as const;

/** What DynamoDB does not need, and what takes a tenth of the time of a request: nobody set a logger. */
const dispensable = ['loggerMiddleware', 'getUserAgentMiddleware'] as const;

/** Middleware must be added before the first request: the chain of a command is built once. */
export function createDynamoClient(options: AwsOptions): DynamoDBClient {
  const client = new DynamoDBClient({ ...clientOptions(options, clientLimits), cacheMiddleware: true });
  for (const name of dispensable) client.middlewareStack.remove(name);
  return client;
}

export const createDynamoDocuments = (options: AwsOptions): Documents =>
  createDocuments(createDynamoClient(options));
