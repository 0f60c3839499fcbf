/** What whoever places calls needs: the running center, a script, a voice, and a Ctrl-C that hangs up. */
import path from 'node:path';
import { createSynthesiser, type Synthesiser } from '../speech/synthesiser.ts';
import { type CallTarget, findTarget } from './call-target.ts';
import { readScript } from './options.ts';
import type { Step } from './script.ts';

export interface Callers {
  readonly steps: readonly Step[];
  readonly target: CallTarget;
  readonly synthesiser: Synthesiser;
  readonly signal: AbortSignal;
}

/** Throws `UsageError` for a script or a center that is not there. */
export async function withCallers<T>(
  { script, url }: { readonly script: string; readonly url?: string | undefined },
  work: (callers: Callers) => Promise<T>,
): Promise<T> {
  const steps = readScript(script);
  const target = await findTarget(url);
  const synthesiser = await createSynthesiser({ cacheDir: path.join(target.dataDir, 'speech') });
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  try {
    return await work({ steps, target, synthesiser, signal: stopping.signal });
  } finally {
    await synthesiser.close();
    await target.close();
  }
}
