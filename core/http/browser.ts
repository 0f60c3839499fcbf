/** The shapes of what web pages send: web calls and consents. */
import * as z from 'zod';
import { currentDisclosure, disclosures } from '../consent/disclosures.ts';
import { callSidSchema } from '../ids.ts';
import { roleSchema } from '../personas/role.ts';

export const visitorIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{16,64}$/, 'must be 16 to 64 letters, digits, _ or -');

export const webCallRequestSchema = z.strictObject({
  role: roleSchema.describe('The persona that talks.'),
  visitorId: visitorIdSchema.describe('Random, made once by the page and kept in the browser.'),
});

export const webCallAnswerSchema = z.object({
  callSid: callSidSchema,
  streamUrl: z
    .string()
    .describe('Open it with the subprotocols of `protocols`, within the life of the token.'),
  protocols: z.tuple([z.literal('voice-center'), z.string()]),
  token: z.string(),
  expiresInSeconds: z.int().positive(),
  maxSeconds: z.int().positive(),
  start: z
    .object({
      event: z.literal('start'),
      sequenceNumber: z.string(),
      streamSid: z.string(),
      start: z.looseObject({ callSid: callSidSchema, customParameters: z.record(z.string(), z.string()) }),
    })
    .describe('The first message to send; audio follows as `media` messages in 8 kHz mu-law, 20 ms each.'),
});
export type WebCallAnswer = z.infer<typeof webCallAnswerSchema>;

export const consentRequestSchema = z
  .strictObject({
    phone: z
      .string()
      .regex(/^\+[1-9]\d{6,14}$/, 'must be an E.164 number such as +14155550100')
      .describe('The number that agrees, as E.164.'),
    consent: z.literal(true).describe('The box was checked.'),
    disclosureVersion: z
      .string()
      .max(32)
      .meta({ examples: [currentDisclosure] }),
    disclosureText: z
      .string()
      .max(2_000)
      .describe('Word for word what stood beside the box.')
      .meta({ examples: [disclosures[currentDisclosure]] }),
  })
  .refine(
    ({ disclosureVersion: version, disclosureText: text }) =>
      Object.hasOwn(disclosures, version) && disclosures[version] === text,
    { path: ['disclosureText'], error: 'is not the text of this version' },
  );

export const consentAnswerSchema = z.object({
  consentId: z.string(),
  phoneMasked: z.string(),
  at: z.string(),
  disclosureVersion: z.string(),
});
export type ConsentAnswer = z.infer<typeof consentAnswerSchema>;
