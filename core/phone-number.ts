/** Who is on the other end, as Twilio writes it, and how that may be shown. */

/**
 * - `e164`: a telephone number, `+` and 7 to 15 digits (ITU-T E.164; the shortest real ones have 7)
 * - `withheld`: the caller hid the number or the carrier did not pass it on
 * - `client`: a browser or app identity (`client:…`), `sip`: a SIP address
 * - `unreadable`: anything else, an extension or a short code for example
 */
export type PhoneParty =
  | { readonly kind: 'e164'; readonly number: string }
  | { readonly kind: 'withheld'; readonly word: 'anonymous' | 'unknown' }
  | { readonly kind: 'client'; readonly identity: string }
  | { readonly kind: 'sip'; readonly address: string }
  | { readonly kind: 'unreadable' };

const e164 = /^\+[1-9]\d{6,14}$/;
/** What people and forms put between digits. */
const separators = /[\s().\-\u2010-\u2015\u00a0]/g;

/** Words for a hidden number, and the same words typed on a keypad, as some carriers send them with a plus. */
const anonymousWords = new Set([
  'anonymous',
  'restricted',
  'private',
  'blocked',
  'withheld',
  '266696687',
  '7378742833',
  '2562533',
]);
const unknownWords = new Set(['', 'unknown', 'unavailable', 'asserted', '8656696']);

const addressKinds = [
  { prefix: /^client:/i, party: (rest: string): PhoneParty => ({ kind: 'client', identity: rest }) },
  { prefix: /^sips?:/i, party: (rest: string): PhoneParty => ({ kind: 'sip', address: rest }) },
];

/**
 * Reads a `From` or `To` value. Never guesses a country: a number without `+` is `unreadable`.
 *
 * @param raw as received; surrounding space and the usual separators do not matter.
 */
export function normalizePhoneNumber(raw: string): PhoneParty {
  const text = raw.trim();
  for (const { prefix, party } of addressKinds) {
    const rest = text.replace(prefix, '');
    if (rest !== text) return rest === '' ? { kind: 'unreadable' } : party(rest);
  }
  const word = text.toLowerCase().replace(/^\+/, '');
  if (anonymousWords.has(word)) return { kind: 'withheld', word: 'anonymous' };
  if (unknownWords.has(word)) return { kind: 'withheld', word: 'unknown' };
  const number = text.replace(separators, '');
  return e164.test(number) ? { kind: 'e164', number } : { kind: 'unreadable' };
}

/** Digits of a number left readable: enough to tell two calls apart, too few to dial. */
const visibleDigits = 4;
/** A number this short keeps fewer of them. */
const shortNumberDigits = 10;
const visibleDigitsOfShortNumber = 2;

/** `+1` is one digit; other country codes stay hidden with the rest, for their length is not known here. */
const maskNumber = (number: string): string => {
  const digits = number.slice(1);
  const shown = digits.length < shortNumberDigits ? visibleDigitsOfShortNumber : visibleDigits;
  const country = digits.startsWith('1') && digits.length === 11 ? '1' : '';
  return `+${country}${'*'.repeat(digits.length - country.length - shown)}${digits.slice(-shown)}`;
};

/**
 * What records and log lines may hold: `+1******1234`, `anonymous`, `unknown`, `client:***`, `sip:***`.
 * An unreadable value shows nothing of itself.
 */
export function maskPhoneNumber(raw: string): string {
  const party = normalizePhoneNumber(raw);
  switch (party.kind) {
    case 'e164':
      return maskNumber(party.number);
    case 'withheld':
      return party.word;
    case 'client':
      return 'client:***';
    case 'sip':
      return 'sip:***';
    case 'unreadable':
      return '***';
  }
}
