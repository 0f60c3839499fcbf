import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type AwsOptions, clientOptions } from '../aws/client-options.ts';
import { createDocuments, type Documents } from './documents.ts';

/** A caller or a client waits behind every request. */
const clientLimits = { attemptsMax: 2, requestTimeoutMs: 1_000, connectionTimeoutMs: 500 } as const;

/** Middleware must be added before the first request: the chain of a command is built once. */
export const createDynamoClient = (options: AwsOptions): DynamoDBClient =>
  new DynamoDBClient({ ...clientOptions(options, clientLimits), cacheMiddleware: true });

export const createDynamoDocuments = (options: AwsOptions): Documents =>
  createDocuments(createDynamoClient(options));
