import { afterEach, beforeEach } from 'node:test';
import type { CallSid } from '#core/ids.ts';
import type { CallFilter, CallQuery, CallStore } from '#core/ports/call-store.ts';
import type { CallRecord } from '#core/records/call-record.ts';
import { callRecord } from '#tests/support/calls.ts';

export interface CallStoreSubject {
  readonly store: CallStore;
  /** Time as the store sees it; it begins at 2026-11-21T12:00:00Z. */
  setNow(now: Date): void;
  close(): Promise<void>;
}

export type CallStoreUnderTest = ReturnType<typeof useCallStore>;

/** To be called in a `describe`: each of its tests has an empty store. */
export function useCallStore(makeSubject: () => Promise<CallStoreSubject>) {
  let subject: CallStoreSubject;
  let store: CallStore;
  beforeEach(async () => {
    subject = await makeSubject();
    store = subject.store;
  });
  afterEach(() => subject.close());

  const created = async (fields: Partial<CallRecord> = {}): Promise<CallRecord> => {
    const record = callRecord(fields);
    await store.create(record);
    return record;
  };
  const statusOf = async (callSid: CallSid) => (await store.find(callSid))?.status;
  const sidsOf = async (query: CallQuery) => (await store.list(query)).items.map(({ callSid }) => callSid);
  /** Every page until there is no cursor. */
  const allPages = async (
    index: CallQuery['index'],
    limit: number,
    filter: CallFilter = {},
  ): Promise<readonly CallSid[][]> => {
    const pages: CallSid[][] = [];
    let cursor: string | undefined;
    do {
      const page = await store.list({ index, filter, limit, ...(cursor === undefined ? {} : { cursor }) });
      pages.push(page.items.map(({ callSid }) => callSid));
      cursor = page.cursor;
    } while (cursor !== undefined);
    return pages;
  };

  return {
    get store() {
      return store;
    },
    setNow: (now: Date) => subject.setNow(now),
    created,
    statusOf,
    sidsOf,
    allPages,
  };
}
