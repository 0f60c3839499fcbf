/** What the functions and the media service may do to tables: exactly the requests that their code can make. */
import type { Stack } from 'aws-cdk-lib';
import { Effect, type IGrantable, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type TableName, tables } from '#core/records/tables.ts';
import { tableArn, tableName } from './names.ts';

export type TableAction =
  | 'BatchGetItem'
  | 'BatchWriteItem'
  | 'DeleteItem'
  | 'GetItem'
  | 'PutItem'
  | 'Query'
  | 'UpdateItem';

export type TableAccess = Readonly<Partial<Record<TableName, readonly TableAction[]>>>;

/** Deletes and batches go only to parts of a call; who lists reads indexes too. */
const wholeCalls: readonly TableAction[] = [
  'BatchWriteItem',
  'DeleteItem',
  'GetItem',
  'PutItem',
  'Query',
  'UpdateItem',
];

/** Every function is built on the same services, so its bundle holds every request. */
export const functionAccess: TableAccess = {
  calls: wholeCalls,
  costs: ['BatchGetItem', 'PutItem', 'Query'],
  limits: ['DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'],
};

export const mediaAccess: TableAccess = {
  calls: wholeCalls,
  limits: ['GetItem', 'PutItem'],
};

/** The variable in which a process finds a table's name. */
const variableOf = (table: TableName) => `${table.toUpperCase()}_TABLE`;

/**
 * Permission and variables in one call.
 * @returns the names of all tables, by variable: the environment wants each, also where nothing is done to it
 */
export function grantTables(
  grantee: IGrantable & { readonly role?: IRole | undefined },
  access: TableAccess,
  stage: string,
  scope: Stack,
): Record<string, string> {
  for (const [table, actions] of Object.entries(access) as [TableName, readonly TableAction[]][]) {
    const arn = tableArn(scope, stage, table);
    const indexes = tables[table].indexes.map(({ name }) => `${arn}/index/${name}`);
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        actions: actions.map((action) => `dynamodb:${action}`),
        resources: [arn],
      }),
    );
    if (indexes.length > 0 && actions.includes('Query'))
      grantee.grantPrincipal.addToPrincipalPolicy(
        new PolicyStatement({ effect: Effect.ALLOW, actions: ['dynamodb:Query'], resources: indexes }),
      );
  }
  return Object.fromEntries(
    (Object.keys(tables) as TableName[]).map((table) => [variableOf(table), tableName(stage, table)]),
  );
}
