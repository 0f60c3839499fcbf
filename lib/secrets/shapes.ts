/** How secrets look. A value that was pasted with its quotes, its name or half of it missing is found before a deploy. */
import * as z from 'zod';

/** A standard parameter holds 4 KB. */
export const valueBytesMax = 4096;

/** 32 characters of base64 are 192 bits. */
const secretCharsMin = 32;

const words = 'must not hold spaces, line ends or quotes: paste the bare value';
const bare = z.string().regex(/^[^\s"'`]+$/, words);

export const secretText = bare
  .min(secretCharsMin, `must have at least ${secretCharsMin} characters: openssl rand -base64 33`)
  .refine((value) => new Set(value).size >= 10, 'is too even to be random: openssl rand -base64 33')
  .refine((value) => !value.startsWith('development-'), 'is the value for development on one machine')
  .refine((value) => !value.includes(','), 'must not hold a comma: it separates two values');

export const bearerToken = bare.min(16, 'must have at least 16 characters');

export const twilioAuthToken = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits in lower case');

export const apiKeyOfAnthropic = bare.regex(/^sk-ant-.{20,}$/, 'must start with sk-ant- and be whole');

/** Older keys are 32 hexadecimal digits. */
export const apiKeyOfElevenLabs = bare.regex(
  /^(sk_[0-9a-z]{32,}|[0-9a-f]{32})$/,
  'must start with sk_ and be whole',
);

/** One or two values, the new one first. */
export const commaList = <T extends z.ZodType<string, string>>(item: T) =>
  z
    .string()
    .transform((value) => value.split(',').map((part) => part.trim()))
    .pipe(z.array(item).min(1).max(2, 'may hold two values: the new one and the old one'));

export const jsonText = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((value, context): unknown => {
      try {
        return JSON.parse(value);
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
