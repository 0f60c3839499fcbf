/** Where a document leads. */
import type { Address, LiveCall } from './live-call.ts';
import type { Parameters } from './signature.ts';

/** What to execute next. */
export type Instruction =
  | {
      readonly kind: 'voice' | 'update' | 'redirect' | 'action' | 'fallback';
      readonly address: Address;
      readonly extra?: Parameters;
    }
  | { readonly kind: 'twiml'; readonly twiml: string };

/** Where a verb stands. */
export interface Where {
  readonly call: LiveCall;
  /** Aborted when the document is dropped or the call is over. */
  readonly signal: AbortSignal;
  /** What relative addresses are relative to. */
  readonly baseUrl: string;
}

/** `done`: the rest of the document is not executed, and the call goes on with `next`, if anything. */
export type VerbOutcome = { readonly done: false } | { readonly done: true; readonly next?: Instruction };

export const resolveAddress = (address: string, method: string | undefined, baseUrl: string): Address => ({
  url: URL.canParse(address, baseUrl) ? new URL(address, baseUrl).toString() : address,
  method: method === 'GET' ? 'GET' : 'POST',
});

/** Makes an instruction of an address in a document. */
export function leadTo(
  kind: 'redirect' | 'action',
  address: string,
  method: string | undefined,
  { baseUrl }: Pick<Where, 'baseUrl'>,
  extra: Parameters = {},
): Instruction {
  return { kind, address: resolveAddress(address, method, baseUrl), extra };
}
