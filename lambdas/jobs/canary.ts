/**
 * Every minute: does a stage answer as Twilio would find it? Health of the API, a signed webhook, the upgrade of a
 * stream. Throws when one of them fails, which is what the alarm sees. No call, no record and no cost comes of it.
 */
import { request } from 'node:https';
import { signWebhook } from '#adapters/twilio/request-signature.ts';
import { jobFunction } from '../middleware.ts';
import type { LoadServices, Services } from '../services.ts';
import { wire } from '../wire.ts';

/** Twilio waits 15 s for a webhook; an answer that takes this long is a failure for a caller already. */
const checkTimeoutMs = 5_000;
/** No call has it. */
const noCallSid = `CA${'0'.repeat(32)}`;

export interface Probes {
  /** @returns the status and the body. Rejects when nothing answers in time. */
  readonly fetchText: (
    url: string,
    init: {
      readonly method: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body?: string;
    },
  ) => Promise<{ readonly status: number; readonly body: string }>;
  /** @returns the status of the answer to an upgrade; 101 when it was accepted, and closed again at once. */
  readonly upgrade: (url: string, headers: Readonly<Record<string, string>>) => Promise<number>;
}

export interface CanaryReport {
  readonly passed: readonly string[];
}

export const createCanary = (load: LoadServices, probes: Probes = realProbes) =>
  jobFunction(load, (services) => runChecks(services, probes));

async function runChecks(services: Services, probes: Probes): Promise<CanaryReport> {
  const checks = { health: checkHealth, webhook: checkWebhook, stream: checkStream };
  const outcomes = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => ({
      name,
      problem: await problemOf(check(services, probes)),
    })),
  );
  const failed = outcomes.filter(({ problem }) => problem !== undefined);
  for (const { name, problem } of failed)
    services.telemetry.log('error', { msg: 'canary.failed', check: name, problem });
  if (failed.length > 0) throw new Error(`The canary failed: ${failed.map(({ name }) => name).join(', ')}`);
  return { passed: outcomes.map(({ name }) => name) };
}

async function problemOf(check: Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await check;
  } catch (error) {
    return error instanceof Error ? error.name : 'unknown';
  }
}

async function checkHealth({ config }: Services, { fetchText }: Probes): Promise<string | undefined> {
  const { status } = await fetchText(`${config.PUBLIC_BASE_URL}/health`, { method: 'GET', headers: {} });
  return status === 200 ? undefined : `status ${status}`;
}

/** Of a call that nobody knows: the answer is an apology, and nothing is written. */
async function checkWebhook({ config }: Services, { fetchText }: Probes): Promise<string | undefined> {
  const url = `${config.PUBLIC_BASE_URL}/call/stream-ended`;
  const params = { AccountSid: config.TWILIO_ACCOUNT_SID, CallSid: noCallSid, CallStatus: 'in-progress' };
  const { status, body } = await fetchText(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': signWebhook(config.TWILIO_AUTH_TOKEN[0] ?? '', url, params),
    },
    body: new URLSearchParams(params).toString(),
  });
  if (status !== 200) return `status ${status}`;
  return /<Response>.*<\/Response>\s*$/s.test(body) ? undefined : 'no TwiML';
}

async function checkStream({ config }: Services, { upgrade }: Probes): Promise<string | undefined> {
  const url = `${config.MEDIA_BASE_URL}/call/stream`;
  const status = await upgrade(url, {
    'x-twilio-signature': signWebhook(config.TWILIO_AUTH_TOKEN[0] ?? '', url, {}),
  });
  return status === 101 ? undefined : `status ${status}`;
}

/** Of RFC 6455, section 1.3: any sixteen bytes. */
const webSocketKey = 'dGhlIHNhbXBsZSBub25jZQ==';

const realProbes: Probes = {
  async fetchText(url, init) {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(checkTimeoutMs) });
    return { status: response.status, body: await response.text() };
  },
  upgrade: (url, headers) =>
    new Promise((resolve, reject) => {
      const asked = request(url.replace(/^wss:/, 'https:'), {
        headers: {
          ...headers,
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': webSocketKey,
        },
        signal: AbortSignal.timeout(checkTimeoutMs),
      });
      asked.once('upgrade', (_response, socket) => {
        socket.destroy();
        resolve(101);
      });
      asked.once('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      asked.once('error', reject);
      asked.end();
    }),
};

export const handler = createCanary(wire);
