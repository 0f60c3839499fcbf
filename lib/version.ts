import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';

const manifest = path.resolve(import.meta.dirname, '../package.json');

/** Told by `/health` and every log line. */
export const serviceVersion = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(manifest, 'utf8'))).version;
