import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type AwsOptions, clientOptions } from '../aws/client-options.ts';

/** A caller or a client waits behind every request. */
const clientLimits = { attemptsMax: 2, requestTimeoutMs: 1_000, connectionTimeoutMs: 500 } as const;

export const createDynamoClient = (options: AwsOptions): DynamoDBClient =>
  new DynamoDBClient(clientOptions(options, clientLimits));

export const createDynamoDocuments = (options: AwsOptions): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(createDynamoClient(options), {
    marshallOptions: { removeUndefinedValues: true },
  });
