/** The stream of a call is over: what comes next for the caller. */
import { isMachine } from '../outbound/machine-action.ts';
import type { CallRecord } from '../records/call-record.ts';

export type NextStep =
  | { readonly do: 'hang-up' }
  | { readonly do: 'dial'; readonly number: string }
  /** Nobody answered: back to the assistant, who says so and goes on. */
  | { readonly do: 'return'; readonly record: CallRecord }
  /** Something failed: the caller is told so, calmly, with the numbers that help. */
  | { readonly do: 'apologise' };

/** How a `<Dial>` that we made has ended, when the question comes from one. */
export type DialEnd = 'completed' | 'answered' | 'busy' | 'no-answer' | 'failed' | 'canceled';

/** @param record undefined when there is none, or the store is away. */
export function afterStream(record: CallRecord | undefined, dial: DialEnd | undefined): NextStep {
  if (dial === 'completed' || dial === 'answered') return { do: 'hang-up' };
  if (record === undefined) return { do: 'apologise' };
  if (dial !== undefined) return { do: 'return', record };
  // The machine is hung up on, or is told what was ordered for it: an apology on somebody's tape helps nobody.
  if (record.answeredBy !== undefined && isMachine(record.answeredBy)) return { do: 'hang-up' };
  // The stream they came back on has ended without a word of how: it was cut.
  if (record.nextStep === 'return') return { do: 'apologise' };
  if (record.nextStep === 'transfer' && record.transferTo !== undefined)
    return { do: 'dial', number: record.transferTo };
  if (record.outcome === undefined || record.outcome === 'failed' || record.outcome === 'lost')
    return { do: 'apologise' };
  return { do: 'hang-up' };
}
