/** People at the other end of a call who need no phone of their own: they answer, are busy, or let it ring. */
import { encodeMulaw, frameBytes, frameMs, sampleRateHz } from '#core/audio/mulaw.ts';
import type { Party } from './line.ts';
import type { PhoneLine } from './phone-line.ts';
import { aborted, pause } from './waiting.ts';

/** Milliseconds from the first ring. */
export type CalleeBehaviour =
  | {
      readonly does: 'answer';
      readonly afterMs?: number;
      /** Hangs up after that; otherwise when the caller does. */
      readonly talksMs?: number;
      /** Who Twilio would say has answered. */
      readonly as?: AnsweredBy;
    }
  | { readonly does: 'decline'; readonly afterMs?: number }
  | { readonly does: 'let-ring' }
  /** The number cannot be reached. */
  | { readonly does: 'fail' };

export type AnsweredBy = 'human' | 'machine_start' | 'fax' | 'unknown';

export interface Ring {
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
  /** Nobody waits any longer. */
  readonly signal: AbortSignal;
}

export type CalleeAnswer =
  | {
      readonly did: 'answer';
      /** A real phone is also told what happens. */
      readonly party: Party & Partial<Pick<PhoneLine, 'send'>>;
      readonly answeredBy: AnsweredBy;
      /** Aborted when the callee hangs up. */
      readonly gone: AbortSignal;
      /** The other side has hung up. */
      release(): void;
    }
  | { readonly did: 'decline' | 'let-ring' | 'fail' };

/** Resolves when it is decided, at the latest when the ring's signal aborts. */
export type Callee = (ring: Ring) => Promise<CalleeAnswer>;

const answerAfterMs = 1_000;
const declineAfterMs = 200;
export const defaultCallee: CalleeBehaviour = { does: 'answer', talksMs: 3_000 };

export function scriptedCallee(behaviour: CalleeBehaviour): Callee {
  return async ({ signal }) => {
    switch (behaviour.does) {
      case 'fail':
        return { did: 'fail' };
      case 'decline':
        await pause(behaviour.afterMs ?? declineAfterMs, signal);
        return { did: 'decline' };
      case 'let-ring':
        await aborted(signal);
        return { did: 'let-ring' };
      case 'answer': {
        await pause(behaviour.afterMs ?? answerAfterMs, signal);
        return signal.aborted ? { did: 'let-ring' } : talk(behaviour);
      }
    }
  };
}

function talk({ talksMs, as }: Extract<CalleeBehaviour, { does: 'answer' }>): CalleeAnswer {
  const gone = new AbortController();
  const timer = talksMs === undefined ? undefined : setTimeout(() => gone.abort(), talksMs);
  return {
    did: 'answer',
    party: { nextFrame: createHum(), hear: () => undefined },
    answeredBy: as ?? 'human',
    gone: gone.signal,
    release: () => clearTimeout(timer),
  };
}

const humHz = 350;
const humAmplitude = 2_000;

/** A soft tone, so that a recording shows who was connected. */
function createHum(): () => Uint8Array {
  let frames = 0;
  return () => {
    const first = frames * frameMs * (sampleRateHz / 1000);
    frames += 1;
    const samples = Int16Array.from({ length: frameBytes }, (_, i) =>
      Math.round(humAmplitude * Math.sin((2 * Math.PI * humHz * (first + i)) / sampleRateHz)),
    );
    return encodeMulaw(samples);
  };
}
