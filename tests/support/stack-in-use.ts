/** The whole center on this machine, with a caller who has a voice and a client who has a key. */
import assert from 'node:assert/strict';
import { type CallReport, makeCall } from '#local/caller/caller.ts';
import { parseScript } from '#local/caller/script.ts';
import { createSynthesiser } from '#local/speech/synthesiser.ts';
import { type RunningStack, startStack } from './running-stack.ts';

export interface StackInUse extends RunningStack {
  /** Where `fetchRecord` finds records. */
  readonly target: { readonly httpUrl: string; readonly apiKey: string };
  /** Calls the attorney and does what the script says. */
  call(script: string): Promise<CallReport>;
  /** What a client gets there. */
  get(url: string): Promise<unknown>;
}

export async function useStack(): Promise<StackInUse> {
  const running = await startStack();
  const synthesiser = await createSynthesiser({}).catch(async (error: unknown) => {
    await running.stop();
    throw error;
  });
  const { twilio, elevenlabs, httpUrl, apiKey } = running.stack;
  return {
    ...running,
    target: { httpUrl, apiKey },
    call(script) {
      const parsed = parseScript(script);
      assert.ok(parsed.ok);
      return makeCall({
        phoneUrl: twilio.phoneUrl ?? '',
        voiceUrl: `${httpUrl}/call/incoming?role=attorney`,
        from: '+12025550100',
        to: twilio.number,
        steps: parsed.steps,
        synthesiser,
        recogniserUrl: elevenlabs.url,
      });
    },
    async get(url) {
      return (await fetch(url, { headers: { authorization: `Bearer ${apiKey}` } })).json();
    },
    async stop() {
      await synthesiser.close();
      await running.stop();
    },
  };
}
