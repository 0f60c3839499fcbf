import type { Conduct } from '../abuse/conduct.ts';

/** What is held against a caller. */
export interface CallerStanding {
  readonly isBlocked: boolean;
  /** Undefined: nothing is known. */
  readonly conduct: Conduct | undefined;
}

/** The block list and the callers' conduct, read in one request while a caller waits. Throws `ProviderError`. */
export interface CallerStandings {
  find(callerHash: string): Promise<CallerStanding>;
}
