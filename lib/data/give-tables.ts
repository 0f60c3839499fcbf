/** A reader of tables gets their names and its rights in one call: exact actions on exact tables and indexes. */
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { tables as definitions, type TableName } from '#core/records/tables.ts';
import type { Tables } from './data-stack.ts';

export type Access = 'read' | 'write';
export type TableAccess = Readonly<Partial<Record<TableName, Access>>>;

const readActions = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const writeActions = [
  ...readActions,
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:BatchWriteItem',
];

export const tableVariable = (name: TableName): string => `${name.toUpperCase()}_TABLE`;

export interface TableReader {
  readonly grantee: IGrantable;
  setVariable(name: string, value: string): void;
}

/** Every name is told, since a process checks its whole environment; rights only for what it uses. */
export function giveTables(reader: TableReader, tables: Tables, access: TableAccess): void {
  for (const [name, table] of Object.entries(tables) as [TableName, Tables[TableName]][]) {
    reader.setVariable(tableVariable(name), table.tableName);
    const may = access[name];
    if (may === undefined) continue;
    const indexes = definitions[name].indexes.map((index) => `${table.tableArn}/index/${index.name}`);
    reader.grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: may === 'write' ? writeActions : readActions,
        resources: [table.tableArn, ...indexes],
      }),
    );
  }
}
