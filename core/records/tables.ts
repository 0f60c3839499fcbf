/** The four tables as data: what the stacks create, the local database creates, and the adapter relies on. */

export type TableName = 'calls' | 'costs' | 'limits' | 'consents';

export interface TableIndex {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey: string;
}

/** All keys are strings. Items disappear some time after `expiresAt` (epoch seconds), so readers check it too. */
export interface TableDefinition {
  readonly partitionKey: string;
  readonly sortKey?: string;
  readonly indexes: readonly TableIndex[];
  readonly ttlAttribute?: string;
}

export const ttlAttribute = 'expiresAt';

/** Only `RECORD` items carry `startedSort`, so the indexes of `calls` hold nothing else. */
const startedSort = 'startedSort';

export const callIndexes = {
  byDay: { name: 'byDay', partitionKey: 'day', sortKey: startedSort },
  byRole: { name: 'byRole', partitionKey: 'role', sortKey: startedSort },
  byStatus: { name: 'byStatus', partitionKey: 'status', sortKey: startedSort },
} as const satisfies Record<string, TableIndex>;

export const tables: Readonly<Record<TableName, TableDefinition>> = {
  calls: { partitionKey: 'pk', sortKey: 'sk', indexes: Object.values(callIndexes), ttlAttribute },
  costs: { partitionKey: 'pk', sortKey: 'sk', indexes: [], ttlAttribute },
  limits: { partitionKey: 'pk', indexes: [], ttlAttribute },
  /** Proof of consent is kept for good. */
  consents: { partitionKey: 'pk', sortKey: 'sk', indexes: [] },
};
