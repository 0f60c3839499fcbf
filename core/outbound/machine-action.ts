import type { AnsweringMachine } from '../http/outbound.ts';

export type MachineAction =
  | { readonly do: 'continue' }
  | { readonly do: 'hang-up' }
  | { readonly do: 'say'; readonly message: string };

/** Twilio's words for what is certainly not a person; `unknown` may be one, and a person is not hung up on. */
export const isMachine = (answeredBy: string): boolean => /^(machine|fax)/.test(answeredBy);

/** Whether the carrier is asked who answers: it bills each answered call for it. */
export const listensForMachine = (ordered: AnsweringMachine | undefined): boolean =>
  ordered !== undefined && ordered.action !== 'continue';

/** @param answeredBy `human`, `machine_start`, `machine_end_beep`, …, `fax`, `unknown`. */
export function machineAction(answeredBy: string, ordered: AnsweringMachine | undefined): MachineAction {
  if (ordered === undefined || ordered.action === 'continue' || !isMachine(answeredBy))
    return { do: 'continue' };
  // Nobody listens to a fax.
  if (ordered.action === 'hang-up' || answeredBy === 'fax') return { do: 'hang-up' };
  return { do: 'say', message: ordered.message };
}
