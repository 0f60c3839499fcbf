/** The call store as the port says it, in memory. */

import { BadCursorError } from '#core/calls/bad-cursor.ts';
import type { CostEvent } from '#core/costs/cost-event.ts';
import type { CallQuery, CallStore } from '#core/ports/call-store.ts';
import { type CallRecord, type CallStatus, finalStatuses } from '#core/records/call-record.ts';
import type { TurnRecord } from '#core/records/turn-record.ts';

interface Entry {
  record: CallRecord;
  statusSequence: number;
}

const isFinal = (status: CallStatus) => finalStatuses.includes(status);
const positionOf = ({ startedAt, callSid }: CallRecord) => `${startedAt}#${callSid}`;

const matches = ({ index, filter = {} }: CallQuery, record: CallRecord) => {
  const { role, status, direction, from, to } = filter;
  const startedMs = Date.parse(record.startedAt);
  return (
    (index.by !== 'role' || record.role === index.role) &&
    (index.by !== 'status' || record.status === index.status) &&
    (role === undefined || record.role === role) &&
    (status === undefined || record.status === status) &&
    (direction === undefined || record.direction === direction) &&
    (from === undefined || startedMs >= from.getTime()) &&
    (to === undefined || startedMs < to.getTime())
  );
};

const listOf = ({ index, filter }: CallQuery) => [index, filter ?? {}];

/** Bound to its list, as the real one is. */
const encodeCursor = (query: CallQuery, position: string) =>
  Buffer.from(JSON.stringify([listOf(query), position])).toString('base64url');

function decodeCursor(query: CallQuery, cursor: string): string {
  try {
    const [list, position] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [unknown, string];
    if (JSON.stringify(list) === JSON.stringify(listOf(query))) return position;
  } catch {
    throw new BadCursorError();
  }
  throw new BadCursorError();
}

export function createInMemoryCallStore(options: { readonly now?: () => Date } = {}): CallStore {
  const now = options.now ?? (() => new Date());
  const calls = new Map<string, Entry>();
  const turnsOf = new Map<string, Map<number, TurnRecord>>();
  const costsOf = new Map<string, Map<number, CostEvent>>();
  const isAlive = ({ expiresAt }: CallRecord) => expiresAt * 1000 > now().getTime();
  const partOf = <T>(parts: Map<string, Map<number, T>>, callSid: string) => {
    const part = parts.get(callSid) ?? new Map<number, T>();
    parts.set(callSid, part);
    return part;
  };
  const partsOf = <T>(parts: Map<string, Map<number, T>>, callSid: string): readonly T[] => {
    const record = calls.get(callSid)?.record;
    if (record && !isAlive(record)) return [];
    return [...(parts.get(callSid) ?? [])].sort(([a], [b]) => a - b).map(([, value]) => value);
  };
  const liveRecords = () =>
    [...calls.values()]
      .map(({ record }) => record)
      .filter(isAlive)
      .sort((a, b) => (positionOf(a) < positionOf(b) ? 1 : -1));

  return {
    async create(record) {
      if (calls.has(record.callSid)) return false;
      calls.set(record.callSid, { record, statusSequence: -1 });
      return true;
    },
    async find(callSid) {
      const record = calls.get(callSid)?.record;
      return record && isAlive(record) ? record : undefined;
    },
    async update(callSid, change) {
      const entry = calls.get(callSid);
      if (!entry) return false;
      const status = isFinal(entry.record.status) ? entry.record.status : change.status;
      entry.record = { ...entry.record, ...change, ...(status === undefined ? {} : { status }) };
      return true;
    },
    async applyStatus(callSid, status, { sequence, durationSecs }) {
      const entry = calls.get(callSid);
      if (!entry || isFinal(entry.record.status)) return false;
      if (!isFinal(status) && sequence <= entry.statusSequence) return false;
      entry.statusSequence = sequence;
      entry.record = { ...entry.record, status, ...(durationSecs === undefined ? {} : { durationSecs }) };
      return true;
    },
    async finish(callSid, ending) {
      const entry = calls.get(callSid);
      if (!entry || entry.record.costSummary) return false;
      const status = isFinal(entry.record.status) ? entry.record.status : 'completed';
      entry.record = { ...entry.record, ...ending, status };
      return true;
    },
    async reviseSummary(callSid, costSummary) {
      const entry = calls.get(callSid);
      if (!entry?.record.costSummary) return false;
      entry.record = { ...entry.record, costSummary };
      return true;
    },
    async putTurn(callSid, turn) {
      partOf(turnsOf, callSid).set(turn.n, turn);
    },
    turns: async (callSid) => partsOf(turnsOf, callSid),
    async putCostEvents(events) {
      for (const event of events) partOf(costsOf, event.callSid).set(event.seq, event);
    },
    costEvents: async (callSid) => partsOf(costsOf, callSid),
    async list(query) {
      const { limit, cursor } = query;
      const after = cursor === undefined ? undefined : decodeCursor(query, cursor);
      const left = liveRecords().filter(
        (record) => matches(query, record) && (after === undefined || positionOf(record) < after),
      );
      const items = left.slice(0, limit);
      const last = items.at(-1);
      if (last === undefined || left.length <= limit) return { items };
      return { items, cursor: encodeCursor(query, positionOf(last)) };
    },
    async listStale({ aliveBefore, limit }) {
      return liveRecords()
        .filter((record) => !record.costSummary && record.aliveAt < aliveBefore.toISOString())
        .slice(0, limit);
    },
    async delete(callSid) {
      turnsOf.delete(callSid);
      costsOf.delete(callSid);
      return calls.delete(callSid);
    },
  };
}
