/** The call store as the port says it, in memory. */

import type { CostEvent } from '#core/costs/cost-event.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import { type CallRecord, finalStatuses } from '#core/records/call-record.ts';
import type { TurnRecord } from '#core/records/turn-record.ts';

interface Entry {
  record: CallRecord;
  statusSequence: number;
  readonly turns: Map<number, TurnRecord>;
}

export function createInMemoryCallStore(options: { readonly now?: () => Date } = {}): CallStore {
  const now = options.now ?? (() => new Date());
  const calls = new Map<string, Entry>();
  const turnsOf = new Map<string, Map<number, TurnRecord>>();
  const costsOf = new Map<string, Map<number, CostEvent>>();
  const isAlive = ({ record }: Entry) => record.expiresAt * 1000 > now().getTime();
  const partOf = <T>(parts: Map<string, Map<number, T>>, callSid: string) => {
    const part = parts.get(callSid) ?? new Map<number, T>();
    parts.set(callSid, part);
    return part;
  };
  const sorted = <T>(part: Map<number, T> | undefined) =>
    [...(part ?? new Map<number, T>()).entries()].sort(([a], [b]) => a - b).map(([, value]) => value);

  return {
    async create(record) {
      if (calls.has(record.callSid)) return false;
      calls.set(record.callSid, { record, statusSequence: -1, turns: partOf(turnsOf, record.callSid) });
      return true;
    },
    async find(callSid) {
      const entry = calls.get(callSid);
      return entry && isAlive(entry) ? entry.record : undefined;
    },
    async update(callSid, change) {
      const entry = calls.get(callSid);
      if (!entry) return false;
      entry.record = { ...entry.record, ...change };
      return true;
    },
    async applyStatus(callSid, status, { sequence, durationSecs }) {
      const entry = calls.get(callSid);
      if (!entry || finalStatuses.includes(entry.record.status) || sequence <= entry.statusSequence)
        return false;
      entry.statusSequence = sequence;
      entry.record = { ...entry.record, status, ...(durationSecs === undefined ? {} : { durationSecs }) };
      return true;
    },
    async finish(callSid, ending) {
      const entry = calls.get(callSid);
      if (!entry || entry.record.costSummary) return false;
      const status = finalStatuses.includes(entry.record.status) ? entry.record.status : 'completed';
      entry.record = { ...entry.record, ...ending, status };
      return true;
    },
    async putTurn(callSid, turn) {
      partOf(turnsOf, callSid).set(turn.n, turn);
    },
    turns: async (callSid) => sorted(turnsOf.get(callSid)),
    async putCostEvents(events) {
      for (const event of events) partOf(costsOf, event.callSid).set(event.seq, event);
    },
    costEvents: async (callSid) => sorted(costsOf.get(callSid)),
    async list({ index, limit, cursor }) {
      const matching = [...calls.values()]
        .filter(isAlive)
        .map(({ record }) => record)
        .filter(
          (record) =>
            index.by === 'day' ||
            (index.by === 'role' ? record.role === index.role : record.status === index.status),
        )
        .sort((a, b) => `${b.startedAt}${b.callSid}`.localeCompare(`${a.startedAt}${a.callSid}`));
      const from = cursor === undefined ? 0 : Number(cursor);
      const items = matching.slice(from, from + limit);
      return from + limit < matching.length ? { items, cursor: String(from + limit) } : { items };
    },
    async listStale({ aliveBefore, limit }) {
      return [...calls.values()]
        .map(({ record }) => record)
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
