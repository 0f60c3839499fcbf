/** Every minute, from outside: does the API live, is a signed webhook answered with TwiML, can a stream be opened? */
import { signWebhook } from '#adapters/twilio/request-signature.ts';
import { openStream } from '../canary/open-stream.ts';
import type { LoadServices, Services } from '../services.ts';
import { jobFunction } from '../stacks/job-function.ts';
import { wire } from '../wire.ts';

/** For each step; Twilio waits 15 s for a webhook. */
const stepTimeoutMs = 10_000;
/** Of no call: what is asked about it changes nothing. */
const noCall = `CA${'0'.repeat(32)}`;

type Step = 'health' | 'webhook' | 'stream';

/** Thrown, so that the run counts as failed; the lines say which step, and why. */
export class CanaryError extends Error {
  constructor(steps: readonly Step[]) {
    super(`Failed: ${steps.join(', ')}`);
    this.name = 'CanaryError';
  }
}

/** @returns what is wrong with the answer. Rejects when there is none. */
type Check = (services: Services, signal: AbortSignal) => Promise<string | undefined>;

const checks: Readonly<Record<Step, Check>> = {
  health: checkHealth,
  webhook: checkWebhook,
  stream: checkStream,
};

export const createCanary = (load: LoadServices) => jobFunction(load, tryEverything);

async function tryEverything(services: Services): Promise<{ readonly passed: readonly Step[] }> {
  const steps = Object.keys(checks) as Step[];
  const problems = await Promise.all(steps.map((step) => tryStep(step, services)));
  const failed = steps.filter((_step, index) => problems[index] !== undefined);
  if (failed.length > 0) throw new CanaryError(failed);
  return { passed: steps };
}

async function tryStep(step: Step, services: Services): Promise<string | undefined> {
  const problem = await checks[step](services, AbortSignal.timeout(stepTimeoutMs)).catch(
    (error: unknown) => `no answer: ${reasonOf(error)}`,
  );
  if (problem !== undefined) services.telemetry.log('error', { msg: 'canary.failed', step, problem });
  return problem;
}

async function checkHealth({ config }: Services, signal: AbortSignal): Promise<string | undefined> {
  const response = await fetch(`${config.PUBLIC_BASE_URL}/health`, { signal });
  await response.arrayBuffer();
  return response.status === 200 ? undefined : `status ${response.status}`;
}

/** The end of a stream of no call: the signature and the tables are looked at, and nothing is written. */
async function checkWebhook({ config }: Services, signal: AbortSignal): Promise<string | undefined> {
  const url = `${config.PUBLIC_BASE_URL}/call/stream-ended`;
  const params = { AccountSid: config.TWILIO_ACCOUNT_SID, CallSid: noCall };
  const response = await fetch(url, {
    method: 'POST',
    signal,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': signWebhook(config.TWILIO_AUTH_TOKEN[0] ?? '', url, params),
    },
    body: new URLSearchParams(params).toString(),
  });
  const body = await response.text();
  if (response.status !== 200) return `status ${response.status}`;
  const isTwiml = /^(<\?xml[^>]*\?>\s*)?<Response(\/>|>[\s\S]*<\/Response>)\s*$/.test(body);
  return isTwiml ? undefined : 'the answer is no TwiML';
}

async function checkStream({ config }: Services, signal: AbortSignal): Promise<string | undefined> {
  const url = `${config.MEDIA_BASE_URL}/call/stream`;
  const status = await openStream(url, signWebhook(config.TWILIO_AUTH_TOKEN[0] ?? '', url, {}), signal);
  return status === 101 ? undefined : `status ${status}`;
}

/** The system's word (`ECONNREFUSED`), or the kind of error; no address. */
function reasonOf(error: unknown): string {
  const { name, code, cause } = error as { name?: string; code?: string; cause?: { code?: string } };
  return cause?.code ?? (typeof code === 'string' ? code : undefined) ?? name ?? 'unknown';
}

export const handler = createCanary(wire);
