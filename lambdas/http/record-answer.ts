import type { RecordAnswer } from '#core/http/records.ts';
import { recordSchema } from '#core/http/records.ts';
import type { CallRecord } from '#core/records/call-record.ts';

/** A record as clients see it: without what only the machinery needs. */
export function toAnswer(record: CallRecord): RecordAnswer {
  return recordSchema.parse(record);
}
