/** Everything a stage remembers. The only stack with state: the others can be deleted and made again. */
import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { type TableDefinition, type TableName, tables } from '#core/records/tables.ts';
import type { StageSettings } from '../settings/schema.ts';
import { StageStack } from '../stage-stack.ts';

export type Tables = Readonly<Record<TableName, TableV2>>;

const restoreDays = 35;

export class DataStack extends StageStack {
  readonly tables: Tables;

  constructor(scope: Construct, settings: StageSettings) {
    super(scope, settings, 'data', `Voice center ${settings.stage}: tables`);
    const made = Object.entries(tables).map(
      ([name, definition]) => [name, this.makeTable(name as TableName, definition)] as const,
    );
    this.tables = Object.fromEntries(made) as Record<TableName, TableV2>;
  }

  private makeTable(name: TableName, definition: TableDefinition): TableV2 {
    const { protectData, tableUnitsMax } = this.settings;
    const text = (key: string) => ({ name: key, type: AttributeType.STRING });
    return new TableV2(this, name, {
      partitionKey: text(definition.partitionKey),
      ...(definition.sortKey === undefined ? {} : { sortKey: text(definition.sortKey) }),
      globalSecondaryIndexes: definition.indexes.map((index) => ({
        indexName: index.name,
        partitionKey: text(index.partitionKey),
        sortKey: text(index.sortKey),
        maxReadRequestUnits: tableUnitsMax.read,
        maxWriteRequestUnits: tableUnitsMax.write,
      })),
      ...(definition.ttlAttribute === undefined ? {} : { timeToLiveAttribute: definition.ttlAttribute }),
      billing: Billing.onDemand({
        maxReadRequestUnits: tableUnitsMax.read,
        maxWriteRequestUnits: tableUnitsMax.write,
      }),
      pointInTimeRecoverySpecification: protectData
        ? { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: restoreDays }
        : { pointInTimeRecoveryEnabled: false },
      deletionProtection: protectData,
      removalPolicy: protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }
}
