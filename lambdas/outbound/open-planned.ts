/** The record of a call that was ordered, whoever hears of the call first. */
import type { CallSid } from '#core/ids.ts';
import type { OutboundPlan } from '#core/ports/outbound-plans.ts';
import type { CallStatus } from '#core/records/call-record.ts';
import { openRecord } from '../calls/connect-call.ts';
import type { Services } from '../services.ts';

/** The allowance stands in it: of a call that nobody answers, only its record tells what is to be given back. */
export async function openPlanned(
  { callSid, status }: { readonly callSid: CallSid; readonly status: CallStatus },
  plan: OutboundPlan,
  services: Services,
): Promise<void> {
  const { role, keyId, numberMasked, numberHash: callerHash, startedAt, allowanceUsd } = plan;
  await openRecord(
    {
      callSid,
      status,
      role,
      direction: 'outbound',
      numberMasked,
      callerHash,
      keyId,
      startedAt,
      ...(allowanceUsd === undefined ? {} : { allowanceUsd }),
    },
    services,
  );
}
