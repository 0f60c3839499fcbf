/** What one simulated Twilio is told at its start. */
import type { CalleeBehaviour } from './scripted-callee.ts';

/** A number of the account, as its owner has set it up. Addresses are absolute. */
export interface PhoneNumberSettings {
  /** E.164. */
  readonly number: string;
  readonly voiceUrl?: string;
  readonly voiceMethod?: 'POST' | 'GET';
  readonly voiceFallbackUrl?: string;
  /** Told when an inbound call is over; without it nobody is told. */
  readonly statusCallback?: string;
}

export interface ExchangeSettings {
  readonly accountSid: string;
  readonly authToken: string;
  /** Numbers of the account. Without the list every number counts as the account's. */
  readonly numbers?: readonly PhoneNumberSettings[];
  /** People who can be called: what happens when their number rings. Phones that registered come first. */
  readonly callees?: Readonly<Record<string, CalleeBehaviour>>;
  /** Everybody else who is called. */
  readonly otherCallees?: CalleeBehaviour;
  /** Gives `<Say>` a voice; without it the phone is told the text and hears silence for as long. */
  readonly synthesiser?: { speak(text: string): Promise<{ readonly audio: Uint8Array }> };
  /** The vendor does not say whether the `action` is asked after a hang-up (default yes) or an update (default no). */
  readonly actionAfterHangUp?: boolean;
  readonly actionAfterUpdate?: boolean;
  /** How status callbacks travel: `swapped` lets each be overtaken by the next. */
  readonly callbackOrder?: 'as-sent' | 'swapped';
  /** 2 repeats every status callback. */
  readonly callbackCopies?: 1 | 2;
  /** Outbound calls that may begin per second; further ones wait. Twilio's own default is 1. */
  readonly callsPerSecond?: number;
  /** Origins that are found elsewhere, as by a hosts file: signed as they are, connected to as they are found. */
  readonly origins?: Readonly<Record<string, string>>;
  /** How a call that is over answers a change: both are seen at Twilio. */
  readonly overCallAnswer?: 'not-in-progress' | 'not-found';
  /** How long after its end a call has a price, milliseconds; default a minute. */
  readonly priceAfterMs?: number;
}

/** Where an address is connected to. */
export function placeOf(url: string, origins: ExchangeSettings['origins'] = {}): string {
  const found = Object.entries(origins).find(([origin]) => url === origin || url.startsWith(`${origin}/`));
  return found === undefined ? url : `${found[1]}${url.slice(found[0].length)}`;
}
