/** Many callers at once: they dial, or are dialled, do what is planned, and are waited for. */
import { setTimeout as delay } from 'node:timers/promises';
import { makeCall } from '#local/caller/caller.ts';
import type { CallLedger } from '#local/twilio/ledger.ts';
import { eventually } from '#tests/support/running-stack.ts';
import type { CallPlan, InboundPlan, OutboundPlan } from './plan.ts';
import type { World } from './world.ts';

export interface RunOptions {
  /** How many are on the phone at the same time. */
  readonly atOnce: number;
  /** Between two dials: calls do not all begin in the same moment. */
  readonly everyMs: number;
}

const callTimeoutMs = 90_000;

/** @returns the carrier's ledgers of these calls, when all are over and everybody was told. */
export async function runCalls(
  world: World,
  plans: readonly CallPlan[],
  { atOnce, everyMs }: RunOptions,
): Promise<readonly CallLedger[]> {
  const callSids: string[] = [];
  const waiting = [...plans.entries()];
  const lines = Array.from({ length: Math.min(atOnce, plans.length) }, async (_, line) => {
    await delay(line * everyMs);
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, plan] = next;
      const callSid =
        plan.direction === 'inbound' ? await dialIn(world, plan) : await order(world, plan, index);
      if (callSid !== undefined) callSids.push(callSid);
    }
  });
  await Promise.all(lines);
  const wanted = new Set(callSids);
  return world.twilio.ledger().filter(({ callSid }) => wanted.has(callSid));
}

async function dialIn(world: World, { to, from, role, steps }: InboundPlan): Promise<string | undefined> {
  const { callSid } = await makeCall({
    phoneUrl: world.twilio.phoneUrl,
    voiceUrl: `${world.httpUrl}/call/incoming?role=${role}`,
    statusCallback: `${world.httpUrl}/call/status`,
    from,
    to,
    steps,
    synthesiser: world.synthesiser,
    recogniserUrl: world.vendors.elevenlabs,
    keepAudio: false,
    signal: AbortSignal.timeout(callTimeoutMs),
  });
  return callSid;
}

async function order(world: World, plan: OutboundPlan, nth: number): Promise<string> {
  const { to, role, answeringMachine, callee } = plan;
  world.callees[to] = callee;
  const answer = await fetch(`${world.httpUrl}/call/outbound`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.apiKey(nth)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ to, role, ...(answeringMachine === undefined ? {} : { answeringMachine }) }),
  });
  const { callSid, error } = (await answer.json()) as { callSid?: string; error?: { code: string } };
  if (callSid === undefined) throw new Error(`The call was not placed: ${answer.status} ${error?.code}`);
  await eventually(() => {
    const ledger = world.twilio.ledger().find((call) => call.callSid === callSid);
    return ledger?.endedAt === undefined ? undefined : true;
  }, callTimeoutMs);
  return callSid;
}
