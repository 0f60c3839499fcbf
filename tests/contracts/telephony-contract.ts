import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { isCancelled, isProviderError, type ProviderFailure } from '#core/errors.ts';
import { type CallSid, callSidSchema } from '#core/ids.ts';
import type { Telephony } from '#core/ports/telephony.ts';

/** A carrier behind a network, with what a test needs to know of it. */
export interface TelephonySubject {
  readonly telephony: Telephony;
  /** The same carrier, with credentials that it does not accept. */
  readonly refused: Telephony;
  /** A carrier that cannot be reached. */
  readonly unreachable: Telephony;
  /** A call that goes on. */
  addCall(): CallSid;
  /** The caller hangs up. */
  endCall(callSid: CallSid): void;
  isLive(callSid: CallSid): boolean;
  /** What a call was last told to do. */
  twimlOf(callSid: CallSid): string | undefined;
  /** The next request is refused for being one too many. */
  overload(): void;
  /** The next request gets no answer; resolves when it has arrived. */
  fallSilent(): Promise<unknown>;
  close(): Promise<void>;
}

const twiml = '<?xml version="1.0" encoding="UTF-8"?><Response><Say>Ä & B</Say></Response>'.replace(
  '&',
  '&amp;',
);
const neverHeardOf = callSidSchema.parse(`CA${'f'.repeat(32)}`);

/** What every carrier must do for a call that goes on. */
export function describeTelephonyContract(name: string, makeSubject: () => Promise<TelephonySubject>): void {
  describe(`${name} keeps the contract of telephony`, () => {
    let subject: TelephonySubject;
    const { signal } = new AbortController();

    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.close());

    const failsWith = (attempt: Promise<void>, failure: ProviderFailure, retryable: boolean) =>
      assert.rejects(attempt, (error) => {
        assert.ok(isProviderError(error), String(error));
        assert.deepEqual([error.failure, error.retryable], [failure, retryable]);
        return true;
      });

    test('hanging up ends the call, and no other', async () => {
      const [callSid, other] = [subject.addCall(), subject.addCall()];

      await subject.telephony.hangUp(callSid, { signal });

      assert.equal(subject.isLive(callSid), false);
      assert.equal(subject.isLive(other), true);
    });

    test('hanging up a call that is over already is a success, also one long forgotten', async () => {
      const callSid = subject.addCall();
      subject.endCall(callSid);

      await subject.telephony.hangUp(callSid, { signal });
      await subject.telephony.hangUp(neverHeardOf, { signal });
    });

    test('a redirected call does what it is told', async () => {
      const callSid = subject.addCall();

      await subject.telephony.redirect(callSid, twiml, { signal });

      assert.equal(subject.twimlOf(callSid), twiml);
      assert.equal(subject.isLive(callSid), true);
    });

    test('a call that is over cannot be redirected', async () => {
      const callSid = subject.addCall();
      subject.endCall(callSid);

      await failsWith(subject.telephony.redirect(callSid, twiml, { signal }), 'invalid-request', false);
    });

    test('a carrier that has too much to do may be asked again', async () => {
      const callSid = subject.addCall();
      subject.overload();

      await failsWith(subject.telephony.hangUp(callSid, { signal }), 'overloaded', true);
      await subject.telephony.hangUp(callSid, { signal });

      assert.equal(subject.isLive(callSid), false);
    });

    test('credentials that are not accepted are no reason to ask again', async () => {
      await failsWith(subject.refused.hangUp(subject.addCall(), { signal }), 'refused', false);
    });

    test('a carrier that cannot be reached may be asked again', async () => {
      await failsWith(subject.unreachable.hangUp(neverHeardOf, { signal }), 'unavailable', true);
    });

    test('what is cancelled while it waits ends at once, and is no failure', async () => {
      const abort = new AbortController();
      const arrived = subject.fallSilent();
      const attempt = subject.telephony.hangUp(subject.addCall(), { signal: abort.signal });
      await arrived;

      abort.abort();

      await assert.rejects(attempt, isCancelled);
    });

    test('what is cancelled before it begins asks nothing', async () => {
      const callSid = subject.addCall();

      await assert.rejects(subject.telephony.hangUp(callSid, { signal: AbortSignal.abort() }), isCancelled);

      assert.equal(subject.isLive(callSid), true);
    });
  });
}
