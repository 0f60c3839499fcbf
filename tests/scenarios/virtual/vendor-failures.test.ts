/** Whole calls on a virtual clock in which something fails: what the caller hears instead. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { phrase } from '#core/conversation/phrases.ts';
import { ProviderError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import { storeAway } from '#tests/support/store-away.ts';
import { startVirtualCall } from '#tests/support/virtual-call.ts';

const overloaded = () => new ProviderError('Overloaded', { provider: 'anthropic', failure: 'overloaded' });

describe('when a vendor fails', () => {
  test('the fallback model answers for one that is overloaded', async () => {
    const call = startVirtualCall({
      model: (_request, nth) => (nth === 0 ? { fails: overloaded() } : { text: 'I am here.' }),
    });
    await call.hearReply();

    await call.says('are you there.');
    await call.hearReply();

    assert.match(call.phone.heard(), /I am here\.$/);
    assert.deepEqual(
      call.model.requests.map(({ model }) => model),
      ['claude-haiku-5-5', 'claude-haiku-4-5'],
    );
    assert.equal(call.telemetry.linesOf('provider.failed').length, 1);
  });

  test('the caller is told, and heard again, when no model answers', async () => {
    let dead = true;
    const call = startVirtualCall({
      model: () => (dead ? { fails: overloaded() } : { text: 'Now I can help.' }),
    });
    await call.hearReply();
    await call.says('can you help me.');
    await call.hearReply();
    assert.ok(
      call.phone.heard().endsWith(phrase('adult', 'model-failed', { variant: 0 })),
      call.phone.heard(),
    );
    dead = false;

    await call.says('please try again.');
    await call.hearReply();

    assert.match(call.phone.heard(), /Now I can help\.$/);
  });

  test('words of danger are answered with the numbers that help, although the model is dead', async () => {
    const call = startVirtualCall({ model: () => ({ fails: overloaded() }) });
    await call.hearReply();
    const askedAtMs = call.clock.nowMs();

    await call.says('I want to kill myself.');
    await call.hearReply();

    assert.ok(call.phone.heard().endsWith(phrase('adult', 'crisis')), call.phone.heard());
    assert.equal((await call.record())?.crisis, true);
    assert.ok(call.phone.longestSilenceMs(askedAtMs + 1_500, call.clock.nowMs() - 500) <= 3_000);
  });

  test('danger is reported by the safety tool, without the caller’s words, whatever the model does', async () => {
    const reports: JsonObject[] = [];
    const call = startVirtualCall({
      tools: { safety_report_concern: { content: 'Reported.', onCall: (input) => reports.push(input) } },
    });
    await call.hearReply();

    await call.says('I want to kill myself.');
    await call.hearReply();

    assert.equal(reports.length, 1);
    assert.match(String(reports[0]?.['concern']), /harming themselves\. Call CA1+\./);
    assert.ok(call.telemetry.lines.some(({ msg }) => msg === 'crisis.reported'));
  });

  test('danger that cannot be reported leaves a line for whoever is on call', async () => {
    const call = startVirtualCall();
    await call.hearReply();

    await call.says('I want to kill myself.');
    await call.hearReply();

    assert.ok(call.telemetry.lines.some(({ msg }) => msg === 'crisis.unreported'));
  });

  test('a recogniser that is lost is opened again, and the caller is told', async () => {
    const call = startVirtualCall();
    await call.hearReply();

    call.recogniser.fail();
    await call.hearReply();
    await call.says('can you hear me now.');
    await call.hearReply();

    assert.ok(call.phone.heard().includes(phrase('adult', 'not-understood', { variant: 0 })));
    assert.equal(call.recogniser.opened, 2);
    assert.match(call.phone.heard(), /I hear you\. Tell me more\.$/);
  });

  test('a caller whom nobody can hear any more is told so, may press 0 for a person, and is not kept waiting', async () => {
    const call = startVirtualCall({ settings: { transferTo: '+14155550199' } });
    await call.hearReply();
    call.recogniser.fail();
    await call.hearReply();

    call.recogniser.fail();
    await call.hearReply();
    const told = call.phone.heard();
    await call.clock.advanceUntil(() => call.phone.closed() === 'done');

    assert.ok(told.endsWith(phrase('adult', 'cannot-hear-press-0')), told);
    assert.ok(call.phone.heard().endsWith(phrase('adult', 'cannot-hear')));
    assert.equal((await call.record())?.outcome, 'failed');
  });

  test('a caller whom nobody can hear any more reaches a person by pressing 0', async () => {
    const call = startVirtualCall({ settings: { transferTo: '+14155550199' } });
    await call.hearReply();
    for (let losses = 0; losses < 2; losses += 1) {
      call.recogniser.fail();
      await call.hearReply();
    }

    call.session.onDtmf('0');
    await call.clock.advanceUntil(() => call.phone.closed() === 'done');

    assert.equal((await call.record())?.outcome, 'transferred');
  });

  test('a speech service that is dead ends the stream, so that the carrier can speak for us', async () => {
    const call = startVirtualCall();
    await call.hearReply();
    call.speech.failures = 100;

    await call.says('hello are you there.');
    await call.clock.advanceUntil(() => call.phone.closed() === 'done');

    assert.equal((await call.record())?.outcome, 'failed');
  });

  test('a reply that fails in speech once is followed by a spoken phrase', async () => {
    const call = startVirtualCall();
    await call.hearReply();
    call.speech.failures = 1;

    await call.says('hello are you there.');
    await call.hearReply();

    assert.ok(call.phone.heard().endsWith(phrase('adult', 'model-failed', { variant: 0 })));
  });

  test('a model that never answers is bridged, and in the end given up, without three seconds of silence', async () => {
    const call = startVirtualCall({ model: () => ({ stalls: true }) });
    await call.hearReply();
    const askedAtMs = call.clock.nowMs();

    await call.says('what can I do.');
    await call.clock.advanceUntil(() =>
      call.phone.heard().includes(phrase('adult', 'model-failed', { variant: 0 })),
    );

    assert.ok(call.phone.longestSilenceMs(askedAtMs + 1_500, call.clock.nowMs()) <= 3_000);
  });
});

describe('the store', () => {
  test('that is away costs the caller nothing, and the summary line is written all the same', async () => {
    const store = { ...storeAway, turns: async () => [] };
    const call = startVirtualCall({ store });
    await call.hearReply();
    await call.says('are you there.');
    await call.hearReply();

    await call.hangUp();

    assert.match(call.phone.heard(), /I hear you\. Tell me more\.$/);
    assert.equal(call.telemetry.linesOf('cost.call.summary').length, 1);
  });
});
