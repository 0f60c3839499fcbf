import { randomUUID } from 'node:crypto';
import type { RequestId } from './json-rpc.ts';

/** Sessions remembered; a client that comes and goes without DELETE leaves one each time. */
const sessionsMax = 1_000;
/** Ids remembered of one session, to notice one that is used twice. */
const idsMax = 10_000;

export interface Session {
  readonly id: string;
  readonly protocolVersion: string;
  /** The client has said that it is ready. */
  initialized: boolean;
  /** What is being worked on, and how to stop it. */
  readonly underWay: Map<RequestId, AbortController>;
  /** @returns false for an id that was used before. */
  isNewId(id: RequestId): boolean;
}

export function createSessions() {
  const sessions = new Map<string, Session>();
  const end = (id: string): boolean => {
    const session = sessions.get(id);
    for (const work of session?.underWay.values() ?? []) work.abort();
    return sessions.delete(id);
  };
  return {
    open(protocolVersion: string): Session {
      const used = new Set<RequestId>();
      const session: Session = {
        id: randomUUID(),
        protocolVersion,
        initialized: false,
        underWay: new Map(),
        isNewId(id) {
          if (used.has(id)) return false;
          if (used.size < idsMax) used.add(id);
          return true;
        },
      };
      sessions.set(session.id, session);
      const oldest = sessions.keys().next().value;
      if (sessions.size > sessionsMax && oldest !== undefined) end(oldest);
      return session;
    },
    find: (id: string) => sessions.get(id),
    end,
    endAll() {
      for (const id of sessions.keys()) end(id);
    },
  };
}

export type Sessions = ReturnType<typeof createSessions>;
