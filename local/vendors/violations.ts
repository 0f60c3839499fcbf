/** What a client did that the real vendor would not have taken, or would have taken for something else. */
export interface Violation {
  /** ISO 8601. */
  readonly at: string;
  /** Which part of the vendor: `stt`, `messages`, … */
  readonly where: string;
  /** Stable, for assertions. */
  readonly code: string;
  /** For people; never a caller's words. */
  readonly message: string;
}

/** Kept; more than that are counted by nobody, for the first ones tell what is wrong. */
const violationsMax = 1_000;

export interface Violations {
  add(where: string, code: string, message: string): void;
  list(): readonly Violation[];
}

export function createViolations(log?: VendorLog): Violations {
  const violations: Violation[] = [];
  return {
    add(where, code, message) {
      log?.(`violation ${where} ${code}`, { message });
      if (violations.length < violationsMax)
        violations.push({ at: new Date().toISOString(), where, code, message });
    },
    list: () => [...violations],
  };
}

/** A line about what a simulated vendor does; `fields` hold no caller's words. */
export type VendorLog = (message: string, fields?: Readonly<Record<string, unknown>>) => void;
