/** The only stack that holds what must not be lost. */
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { type TableDefinition, type TableName, tables } from '#core/records/tables.ts';
import { acknowledge } from '../acknowledged.ts';
import { tableName } from '../names.ts';
import type { StageSettings } from '../settings/schema.ts';
import { stackProps } from '../stack-base.ts';

/**
 * Requests a second beyond which a table refuses: far above what the largest stage needs (750 calls with a write
 * every five seconds are 150), and a bound for what a mistake of ours can cost ($2.25 an hour at full use).
 */
const writeUnitsMax = 1_000;
const readUnitsMax = 2_000;
const backupDays = 35;

const attribute = (name: string) => ({ name, type: AttributeType.STRING });

export class DataStack extends Stack {
  constructor(scope: Construct, id: string, settings: StageSettings) {
    super(scope, id, stackProps(settings, 'data'));
    for (const [name, definition] of Object.entries(tables) as [TableName, TableDefinition][]) {
      const table = makeTable(this, name, definition, settings);
      if (!settings.isProtected) acknowledge(table, 'noBackups');
    }
  }
}

function makeTable(
  scope: Construct,
  name: TableName,
  { partitionKey, sortKey, indexes, ttlAttribute }: TableDefinition,
  { stage, isProtected }: StageSettings,
): TableV2 {
  return new TableV2(scope, `${name[0]?.toUpperCase()}${name.slice(1)}`, {
    tableName: tableName(stage, name),
    partitionKey: attribute(partitionKey),
    ...(sortKey === undefined ? {} : { sortKey: attribute(sortKey) }),
    ...(ttlAttribute === undefined ? {} : { timeToLiveAttribute: ttlAttribute }),
    billing: Billing.onDemand({ maxReadRequestUnits: readUnitsMax, maxWriteRequestUnits: writeUnitsMax }),
    globalSecondaryIndexes: indexes.map((index) => ({
      indexName: index.name,
      partitionKey: attribute(index.partitionKey),
      sortKey: attribute(index.sortKey),
      maxReadRequestUnits: readUnitsMax,
      maxWriteRequestUnits: writeUnitsMax,
    })),
    pointInTimeRecoverySpecification: isProtected
      ? { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: backupDays }
      : { pointInTimeRecoveryEnabled: false },
    deletionProtection: isProtected,
    removalPolicy: isProtected ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}
