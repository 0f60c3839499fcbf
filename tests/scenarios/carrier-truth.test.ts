/** Callbacks get lost on their way: what a carrier as strict as the real one has billed, against our books. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Context } from 'aws-lambda';
import { systemClock } from '#adapters/system-clock/clock.ts';
import { createTwilioCallList } from '#adapters/twilio/call-list.ts';
import { createTwilioUsage } from '#adapters/twilio/usage.ts';
import { dayOf } from '#core/costs/days.ts';
import { legEstimateNumber } from '#core/costs/event-numbers.ts';
import { priceCharge } from '#core/costs/price-charge.ts';
import { defaultPrices as prices } from '#core/costs/prices.ts';
import { summarise } from '#core/costs/summarise.ts';
import { callSidSchema } from '#core/ids.ts';
import { createReconcileCosts } from '#lambdas/jobs/reconcile-costs.ts';
import { type SimulatedTwilio, startSimulatedTwilio } from '#local/twilio/exchange.ts';
import type { CallLedger } from '#local/twilio/ledger.ts';
import { testFunctions } from '#tests/lambdas/functions.ts';
import {
  type Application,
  accountSid,
  authToken,
  startApplication,
  twiml,
} from '#tests/local/twilio/application.ts';
import { pickUpPhone } from '#tests/local/twilio/test-phone.ts';
import { callEnding, callRecord } from '#tests/support/calls.ts';

const ours = '+18005550199';
const agent = '+14155550111';
const dayMs = 86_400_000;

let app: Application;
let twilio: SimulatedTwilio;
before(async () => {
  app = await startApplication();
  twilio = await startSimulatedTwilio({
    accountSid,
    authToken,
    priceAfterMs: 0,
    callees: { [agent]: { does: 'answer', afterMs: 0, talksMs: 20 } },
  });
  app.on('/voice', twiml('<Hangup/>'));
  app.on('/transfer', twiml(`<Dial><Number statusCallback="${app.url}/leg">${agent}</Number></Dial>`));
  app.on('/status', { status: 204 });
  app.on('/leg', { status: 204 });
});
after(async () => {
  await twilio.close();
  await app.close();
});

/** The account, as the functions of the day after look at it. */
function dayAfter() {
  const account = { accountSid, authToken, baseUrl: twilio.url };
  return testFunctions({
    services: {
      clock: { ...systemClock, now: () => new Date(Date.now() + dayMs) },
      carrierCalls: createTwilioCallList(account),
      usageReports: [createTwilioUsage(account)],
    },
  });
}

async function call(path: string): Promise<CallLedger> {
  const phone = await pickUpPhone(twilio.phoneUrl);
  phone.send({
    type: 'dial',
    from: '+12025550100',
    to: ours,
    voiceUrl: `${app.url}${path}`,
    statusCallback: `${app.url}/status`,
  });
  const { ledger } = await phone.ended();
  phone.close();
  return ledger;
}

describe('When every callback of a day is lost', () => {
  test('our books have what the carrier has billed, call by call, after they are compared', async () => {
    twilio.faults.loseCallbacks(true);
    const functions = dayAfter();
    const { store, costs } = functions.services;
    const ledgers = [await call('/voice'), await call('/transfer'), await call('/voice')];
    // Of the last one nobody told us anything; of the others we have our own measure, which is wrong.
    for (const { callSid: sid, startedAt, endedAt = '' } of ledgers.slice(0, 2)) {
      const callSid = callSidSchema.parse(sid);
      const leg = { kind: 'call-leg', direction: 'inbound', seconds: 200 } as const;
      const events = priceCharge(leg, { callSid, seq: legEstimateNumber, at: new Date(startedAt), prices });
      await store.create(callRecord({ callSid, tollFree: true, startedAt, aliveAt: startedAt }));
      await store.putCostEvents(events);
      await store.finish(callSid, callEnding({ endedAt, costSummary: summarise(events) }));
    }

    const days = [...new Set(ledgers.map(({ startedAt }) => dayOf(startedAt)))];
    const runs = [];
    for (const day of days) {
      await createReconcileCosts(functions.load)({ day }, {} as Context);
      runs.push(...(await costs.reconciliations(day, day)));
    }

    const perMinute = prices.inboundTollFreeLeg.usd ?? 0;
    const billed = ({ billedMinutes, legs }: CallLedger) =>
      billedMinutes * perMinute +
      legs.reduce((sum, leg) => sum + leg.billedMinutes * (prices.outboundLeg.usd ?? 0), 0);
    for (const ledger of ledgers) {
      const record = await store.find(callSidSchema.parse(ledger.callSid));
      assert.equal(record?.costSummary?.costByService.twilio?.toFixed(6), billed(ledger).toFixed(6));
    }
    assert.equal(app.paths().includes('/status'), false, 'nobody was told');
    assert.ok(ledgers[1]?.legs[0]?.billedMinutes === 1, 'the transfer was answered');
    for (const { comparisons } of runs)
      assert.deepEqual(
        comparisons.map(({ service, status, differenceUsd }) => [service, status, differenceUsd]),
        [['twilio', 'agrees', 0]],
      );
    assert.equal(functions.lines.filter(({ msg }) => msg === 'cost.call.summary').length, 1);
  });
});
