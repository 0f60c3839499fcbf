import type { Faults } from '../faults.ts';
import type { ElevenLabsFault } from './faults.ts';

/** What every socket of the simulated service is given. */
export interface SocketContext {
  /** Records a client's mistake; where it happened is known already. */
  readonly violate: (code: string, message: string) => void;
  readonly faults: Faults<ElevenLabsFault>;
  /** The length of one of the vendor's seconds in its timeouts; tests make it shorter. */
  readonly secondMs: number;
}
