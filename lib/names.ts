/**
 * Physical names of a stage. Stacks find what another one made by its name, so that no value has to be exported and
 * each can be deployed or deleted by itself; every name holds the stage, so that stages live side by side.
 */
import type { Stack } from 'aws-cdk-lib';
import type { TableName } from '#core/records/tables.ts';

export const stackName = (stage: string, part: 'data' | 'media' | 'api' | 'monitoring') =>
  `voice-${stage}-${part}`;
export const tableName = (stage: string, table: TableName) => `voice-${stage}-${table}`;
export const functionName = (stage: string, name: string) => `voice-${stage}-${name}`;
export const functionLogGroup = (stage: string, name: string) => `/aws/lambda/${functionName(stage, name)}`;
export const mediaLogGroup = (stage: string) => `/voice/${stage}/media`;
/** Groups under this prefix need no policy of their own each: those of an account may have 5,120 characters in all. */
export const accessLogGroup = (stage: string) => `/aws/vendedlogs/voice/${stage}/http-api`;
export const clusterName = (stage: string) => `voice-${stage}`;
export const serviceName = (stage: string) => `voice-${stage}-media`;
export const scheduleGroupName = (stage: string) => `voice-${stage}`;
export const queueName = (stage: string, what: DeadLetters) => `voice-${stage}-${what}`;

/** `jobs`: runs that failed three times. `schedules`: starts that could not be delivered. */
export type DeadLetters = 'failed-jobs' | 'failed-schedules';

export const tableArn = (stack: Stack, stage: string, table: TableName) =>
  stack.formatArn({ service: 'dynamodb', resource: 'table', resourceName: tableName(stage, table) });
