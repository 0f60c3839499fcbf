import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** What everything that reads or writes calls works with. */
export interface CallTable {
  readonly documents: DynamoDBDocumentClient;
  readonly table: string;
  /** Signs the cursors of lists. */
  readonly cursorSecret: string;
  readonly now: () => Date;
}
