/** What lies in a folder of recorded phrases: one raw µ-law file for each voice and text. */
import * as z from 'zod';

export const manifestName = 'manifest.json';

export const manifestSchema = z.object({
  version: z.literal(1),
  /** The speech model they were made with. */
  model: z.string(),
  phrases: z.array(
    z.object({
      voice: z.string(),
      text: z.string(),
      /** Inside the folder, without a path. */
      file: z.string().regex(/^[0-9a-f]{32}\.ulaw$/),
      bytes: z.number().int().positive(),
    }),
  ),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** One key for a voice and a text: a changed text is another phrase, so a stale recording is never found. */
export const phraseKey = (voice: string, text: string): string => JSON.stringify([voice, text]);
