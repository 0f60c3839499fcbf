import type { Documents } from './documents.ts';

/** What everything that reads or writes calls works with. */
export interface CallTable {
  readonly documents: Documents;
  readonly table: string;
  /** Signs the cursors of lists. */
  readonly cursorSecret: string;
  readonly now: () => Date;
}
