/**
 * How a caller, or a visitor of the web page, behaves. Calls that are begun and dropped again and again cost money and
 * places that others need; people who mistyped, were cut off, or try another persona are not meant.
 */
import * as z from 'zod';

export const conductSchema = z.object({
  /** The call of a visitor that began last. */
  callSid: z.string().optional(),
  /** The call that ended last: each is judged once. */
  endedCallSid: z.string().optional(),
  endedAtMs: z.number().optional(),
  endedRole: z.string().optional(),
  endedSecs: z.number().optional(),
  /** Calls in a row that were begun and dropped. */
  cycles: z.number().int().nonnegative().default(0),
  /** Until then only a few calls are taken. */
  suspiciousUntilMs: z.number().optional(),
  /** Calls taken meanwhile. */
  admittedAtMs: z.array(z.number()).default([]),
  blockedUntilMs: z.number().optional(),
});
export type Conduct = z.infer<typeof conductSchema>;

export const conductRules = {
  /** Shorter than this nobody has said anything useful. */
  quickCallSecs: 10,
  /** Shorter than this it may be a slip of the finger: it counts only after another quick call. */
  slipSecs: 5,
  /** Begun and dropped so often in a row: abuse. */
  cyclesMax: 3,
  /** Whoever calls again so soon after a conversation was cut off. */
  reconnectMs: 2 * 60_000,
  /** Calls taken from somebody suspicious, and in which time. */
  suspiciousCallsMax: 2,
  suspiciousWindowMs: 15 * 60_000,
  /** More than that, or abuse again: nobody answers for so long. */
  blockMs: 3_600_000,
  /** How long somebody stays suspicious after the last incident. */
  suspicionMs: 24 * 3_600_000,
} as const;

export const newConduct: Conduct = { cycles: 0, admittedAtMs: [] };

export type Admission =
  /** The same conduct where there is nothing to note. */
  | { readonly admitted: true; readonly conduct: Conduct }
  | { readonly admitted: false; readonly conduct: Conduct; readonly retryAtMs: number };

/** Somebody calls. */
export function beginCall(conduct: Conduct, nowMs: number): Admission {
  const { blockedUntilMs = 0, suspiciousUntilMs = 0 } = conduct;
  if (blockedUntilMs > nowMs) return { admitted: false, conduct, retryAtMs: blockedUntilMs };
  if (suspiciousUntilMs <= nowMs) return { admitted: true, conduct };
  const recent = conduct.admittedAtMs.filter((at) => at > nowMs - conductRules.suspiciousWindowMs);
  if (recent.length < conductRules.suspiciousCallsMax)
    return { admitted: true, conduct: { ...conduct, admittedAtMs: [...recent, nowMs] } };
  const blocked = block(conduct, nowMs);
  return { admitted: false, conduct: blocked, retryAtMs: blocked.blockedUntilMs ?? nowMs };
}

/** After the block the caller is suspicious, not free. */
const block = (conduct: Conduct, nowMs: number): Conduct => ({
  ...conduct,
  cycles: 0,
  admittedAtMs: [],
  blockedUntilMs: nowMs + conductRules.blockMs,
  suspiciousUntilMs: nowMs + conductRules.blockMs + conductRules.suspicionMs,
});

export interface Ending {
  readonly callSid: string;
  readonly role: string;
  readonly startedAtMs: number;
  readonly durationSecs: number;
  /** False when not one word was ever heard from the other side. */
  readonly heardAnything: boolean;
  readonly nowMs: number;
}

/** A call is over. Told twice, it counts once, and so does one that is told of after a later one has ended. */
export function endCall(conduct: Conduct, ending: Ending): Conduct {
  const { callSid, role, startedAtMs, durationSecs, heardAnything, nowMs } = ending;
  const endedAtMs = startedAtMs + durationSecs * 1000;
  const isOld = conduct.endedAtMs !== undefined && endedAtMs <= conduct.endedAtMs;
  if (conduct.endedCallSid === callSid || isOld) return conduct;
  const ended = {
    ...conduct,
    endedCallSid: callSid,
    endedAtMs,
    endedRole: role,
    endedSecs: durationSecs,
  };
  if (durationSecs >= conductRules.quickCallSecs)
    return heardAnything ? { ...ended, cycles: 0 } : suspect({ ...ended, cycles: 0 }, nowMs);
  if (!isCycle(conduct, ending)) return ended;
  const cycles = conduct.cycles + 1;
  if (cycles < conductRules.cyclesMax) return { ...ended, cycles };
  const isSuspicious = (conduct.suspiciousUntilMs ?? 0) > nowMs;
  return isSuspicious ? block(ended, nowMs) : suspect({ ...ended, cycles: 0 }, nowMs);
}

const suspect = (conduct: Conduct, nowMs: number): Conduct => ({
  ...conduct,
  suspiciousUntilMs: nowMs + conductRules.suspicionMs,
});

function isCycle(before: Conduct, { role, startedAtMs, durationSecs }: Ending): boolean {
  const { endedSecs, endedAtMs, endedRole } = before;
  const followsQuick = endedSecs !== undefined && endedSecs < conductRules.quickCallSecs;
  if (durationSecs < conductRules.slipSecs && !followsQuick) return false;
  // Whoever tries one persona after the other is choosing.
  if (endedRole !== undefined && endedRole !== role) return false;
  const isReconnect =
    endedAtMs !== undefined && !followsQuick && startedAtMs - endedAtMs <= conductRules.reconnectMs;
  return !isReconnect;
}
