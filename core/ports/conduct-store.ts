import type { Conduct } from '../abuse/conduct.ts';

/** How callers and visitors behaved, by their hash; forgotten after two quiet days. Throws `ProviderError`. */
export interface ConductStore {
  find(hash: string): Promise<Conduct | undefined>;
  /** The last one who writes wins: a lost count errs to the caller's side. */
  put(hash: string, conduct: Conduct): Promise<void>;
}
