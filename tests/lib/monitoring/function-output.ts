/** Everything the functions can come to write, made by their own code. */
import type { Context } from 'aws-lambda';
import type { CallStore } from '#core/ports/call-store.ts';
import { createCallStatus } from '#lambdas/http/call-status.ts';
import { createInboundCall } from '#lambdas/http/inbound-call.ts';
import { createRecordDelete } from '#lambdas/http/record-delete.ts';
import { createCloseStaleCalls } from '#lambdas/jobs/close-stale-calls.ts';
import { createRollUpCosts } from '#lambdas/jobs/roll-up-costs.ts';
import { takeOrRefuse } from '#lambdas/rate-limits.ts';
import type { LoadServices, Services } from '#lambdas/services.ts';
import { createLambdaContext } from '#local/http/lambda-context.ts';
import {
  gatewayEvent,
  invoke,
  keys,
  storeAway,
  testFunctions,
  webhookEvent,
} from '#tests/lambdas/functions.ts';
import { callRecord } from '#tests/support/calls.ts';
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

export async function functionOutput(stage: string): Promise<ProcessOutput> {
  const output = createProcessOutput('api', stage);
  const services = { telemetry: output.telemetry };
  const functions = testFunctions({ services });
  const ring = (load: LoadServices, signature?: string) =>
    invoke(
      createInboundCall(load),
      webhookEvent({ path: '/call/incoming', params, ...(signature ? { signature } : {}) }),
    );
  await ring(functions.load);
  await ring(functions.load, 'not the signature');
  functions.blocked.add(functions.services.hashNumber(params.From));
  await ring(functions.load);
  await ring(testFunctions({ services: { ...services, store: storeAway } }).load);
  const mistaken = () => {
    throw new TypeError('a mistake of ours');
  };
  await ring(testFunctions({ services: { ...services, hashNumber: mistaken } }).load);
  await overLimit(functions.services);
  await unconfigured(output, ring);
  await statusAndRecords(functions.load);
  await staleCalls(functions.services.store, functions.load);
  await createRollUpCosts(functions.load)({}, {} as Context);
  return output;
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

async function statusAndRecords(load: LoadServices): Promise<void> {
  const failed = { ...params, StreamSid: `MZ${'0'.repeat(32)}`, StreamEvent: 'stream-error' };
  await invoke(createCallStatus(load), webhookEvent({ path: '/call/status', params: failed }));
  await invoke(
    createRecordDelete(load),
    gatewayEvent({
      method: 'DELETE',
      path: `/records/${callSid}`,
      headers: { authorization: `Bearer ${keys.deleting}` },
      pathParameters: { callSid },
    }),
  );
  await invoke(createRecordDelete(load), gatewayEvent({ method: 'DELETE', path: `/records/${callSid}` }));
}

async function staleCalls(store: CallStore, load: LoadServices): Promise<void> {
  await store.create(
    callRecord({
      status: 'in-progress',
      startedAt: '2026-11-21T11:50:00.000Z',
      aliveAt: '2026-11-21T11:55:30.000Z',
    }),
  );
  const job = createCloseStaleCalls(load) as unknown as (event: object, context: object) => Promise<unknown>;
  await job({}, createLambdaContext({ functionName: 'job', requestId: 'id', timeoutMs: 5_000 }));
}
