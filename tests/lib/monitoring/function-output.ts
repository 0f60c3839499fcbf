/** Everything the functions can come to write, made by their own code. */

import type { Context } from 'aws-lambda';
import { alertKinds } from '#core/costs/alerts.ts';
import { ProviderError } from '#core/errors.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import { reportProvider } from '#lambdas/failures.ts';
import { createCallStatus } from '#lambdas/http/call-status.ts';
import { createInboundCall } from '#lambdas/http/inbound-call.ts';
import { createRecordDelete } from '#lambdas/http/record-delete.ts';
import { createCanary } from '#lambdas/jobs/canary.ts';
import { createCloseStaleCalls } from '#lambdas/jobs/close-stale-calls.ts';
import { createRollUpCosts } from '#lambdas/jobs/roll-up-costs.ts';
import { takeOrRefuse } from '#lambdas/rate-limits.ts';
import type { LoadServices, Services } from '#lambdas/services.ts';
import { createLambdaContext } from '#local/http/lambda-context.ts';
import { gatewayEvent, invoke, keys, testFunctions, webhookEvent } from '#tests/lambdas/functions.ts';
import { callRecord, newCallSid } from '#tests/support/calls.ts';
import { storeAway } from '#tests/support/store-away.ts';
import { createProcessOutput, type ProcessOutput } from './process-output.ts';

const callSid = `CA${'1'.repeat(32)}`;
const params = {
  CallSid: callSid,
  AccountSid: `AC${'1'.repeat(32)}`,
  From: '+14155550100',
  To: '+18005550199',
  CallStatus: 'ringing',
  Direction: 'inbound',
  ApiVersion: '2010-04-01',
};

export interface FunctionOutput {
  readonly webhooks: ProcessOutput;
  readonly jobs: ProcessOutput;
  /** What clients ask. */
  readonly others: ProcessOutput;
}

export async function functionOutput(stage: string): Promise<FunctionOutput> {
  const [webhooks, jobs, others] = [1, 2, 3].map(() => createProcessOutput('api', stage)) as [
    ProcessOutput,
    ProcessOutput,
    ProcessOutput,
  ];
  await askedByTwilio(webhooks);
  await scheduled(jobs);
  await askedByClients(others);
  return { webhooks, jobs, others };
}

async function askedByTwilio(output: ProcessOutput): Promise<void> {
  const services = { telemetry: output.telemetry };
  const functions = testFunctions({ services });
  const ring = (load: LoadServices, signature?: string, CallSid = callSid) =>
    invoke(
      createInboundCall(load),
      webhookEvent({
        path: '/call/incoming',
        params: { ...params, CallSid },
        ...(signature ? { signature } : {}),
      }),
    );
  await ring(functions.load);
  await ring(functions.load, 'not the signature');
  functions.blocked.add(functions.services.hashNumber(params.From));
  await ring(functions.load, undefined, newCallSid());
  await ring(testFunctions({ services: { ...services, store: storeAway } }).load);
  const mistaken = () => {
    throw new TypeError('a mistake of ours');
  };
  await ring(testFunctions({ services: { ...services, hashNumber: mistaken } }).load);
  await unconfigured(output, ring);
  const failed = { ...params, StreamSid: `MZ${'0'.repeat(32)}`, StreamEvent: 'stream-error' };
  await invoke(createCallStatus(functions.load), webhookEvent({ path: '/call/status', params: failed }));
}

async function scheduled({ telemetry }: ProcessOutput): Promise<void> {
  const { load, services } = testFunctions({ services: { telemetry } });
  await services.store.create(
    callRecord({
      status: 'in-progress',
      startedAt: '2026-11-21T11:50:00.000Z',
      aliveAt: '2026-11-21T11:55:30.000Z',
    }),
  );
  const context = createLambdaContext({ functionName: 'job', requestId: 'id', timeoutMs: 5_000 });
  const run = (job: unknown) => (job as (event: object, context: Context) => Promise<unknown>)({}, context);
  await run(createCloseStaleCalls(load));
  await run(createRollUpCosts(load));
  // Port 1: nobody listens there.
  const variables = { PUBLIC_BASE_URL: 'https://127.0.0.1:1', MEDIA_BASE_URL: 'wss://127.0.0.1:1' };
  await run(createCanary(testFunctions({ variables, services: { telemetry } }).load)).catch(() => undefined);
  alerts(telemetry);
}

async function askedByClients({ telemetry }: ProcessOutput): Promise<void> {
  const { load, services } = testFunctions({ services: { telemetry } });
  const record = { method: 'DELETE', path: `/records/${callSid}`, pathParameters: { callSid } };
  const headers = { authorization: `Bearer ${keys.deleting}` };
  await invoke(createRecordDelete(load), gatewayEvent({ ...record, headers }));
  await invoke(createRecordDelete(load), gatewayEvent(record));
  await overLimit(services);
  const refused = { provider: 'twilio', failure: 'refused', code: '20003' } as const;
  reportProvider(telemetry, new ProviderError('Refused', refused));
}

/** As the contract of the lines has them; the ledger's own suites show when they are written. */
function alerts(telemetry: Telemetry): void {
  for (const reason of alertKinds) telemetry.emit('warn', { msg: 'cost.alert', reason, service: 'twilio' });
}

async function overLimit(services: Services): Promise<void> {
  const decision = {
    allowed: false,
    limit: 30,
    windowSeconds: 60,
    remaining: 0,
    resetSeconds: 60,
    retryAtMs: services.clock.now().getTime() + 60_000,
  };
  const limiter = { take: async () => decision };
  const rule = { name: 'outbound-by-key', windows: [] };
  await takeOrRefuse({ ...services, limiter }, { rule, subject: 'crm', line: { keyId: 'crm' } }).catch(
    () => undefined,
  );
}

/** A function without its environment has no telemetry: it writes to its output itself. */
async function unconfigured(
  output: ProcessOutput,
  ring: (load: LoadServices) => Promise<unknown>,
): Promise<void> {
  const write = process.stdout.write;
  process.stdout.write = ((chunk: string) => {
    if (chunk.startsWith('{"level"')) output.write(chunk);
    else write.call(process.stdout, chunk);
    return true;
  }) as typeof write;
  try {
    await ring(() => Promise.reject(new Error('CALLS_TABLE is missing')));
  } finally {
    process.stdout.write = write;
  }
}
