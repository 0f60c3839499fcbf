import type { StreamClaims } from '../calls/stream-claims.ts';

/** Why a stream token was not accepted. */
export type TokenRefusal =
  | 'malformed'
  | 'bad-signature'
  | 'expired'
  | 'other-call'
  | 'other-channel'
  | 'other-visitor'
  | 'used';

/** Makes and checks the token that binds a media stream to the call whose webhook we answered. */
export interface StreamTokens {
  /** @returns under 500 characters, safe inside a TwiML `<Parameter>`. */
  issue(claims: StreamClaims): string;
  /** Checks form and signature only; expiry, call and single use are the caller's rules. */
  read(token: string): StreamClaims | { readonly refused: 'malformed' | 'bad-signature' };
}
