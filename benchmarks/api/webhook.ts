/** `POST /call/incoming` in this process: signature, admission, limits, budget, record, token, TwiML. */
import { createInboundCall } from '#lambdas/http/inbound-call.ts';
import { invoke, webhookEvent } from '#tests/lambdas/functions.ts';
import { time } from '../support/timing.ts';
import { type BenchWire, sidOf } from './wire.ts';

const warmUps = 200;

/** @returns milliseconds per call, each of another caller. Throws when one is not answered with a stream. */
export async function measureWebhook(wire: BenchWire, calls: number): Promise<readonly number[]> {
  const inbound = createInboundCall(wire);
  let n = 0;
  const ring = async () => {
    n += 1;
    const From = `+1415${String(5_550_000 + n).padStart(7, '0')}`;
    const params = { CallSid: sidOf(n), From, To: '+18005550199', CallStatus: 'ringing' };
    const answer = await invoke(inbound, webhookEvent({ path: '/call/incoming', params }));
    if (!answer.body.includes('<Stream ')) throw new Error(`Call ${n} was answered with ${answer.status}`);
  };
  await time(ring, warmUps);
  return time(ring, calls);
}
