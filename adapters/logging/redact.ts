/** The last line of defence against a caller's number in the log. Whoever writes a line masks what he knows of. */
import { maskPhoneNumber } from '#core/phone-number.ts';

/** E.164 as it stands in a text; 8 digits at least, so that an offset or a count is left alone. */
const fullNumber = /\+\d{8,15}(?!\d)/g;

function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(fullNumber, maskPhoneNumber);
  if (Array.isArray(value)) return value.map(redactValue);
  if (typeof value !== 'object' || value === null) return value;
  return redactNumbers({ ...value });
}

/** A copy in which every full telephone number in a text, at any depth, is masked. */
export function redactNumbers(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, redactValue(value)]));
}
