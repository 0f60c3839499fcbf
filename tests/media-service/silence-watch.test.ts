/** The alarm for callers who were left in silence hangs on this count. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultConversationSettings } from '#core/conversation/settings.ts';
import { startVirtualCall } from '#tests/support/virtual-call.ts';

/** One turn whose answer takes this long, with a hold phrase after that long. */
async function turnWith(modelMs: number, holdAfterMs: number) {
  const call = startVirtualCall({
    model: () => ({ text: 'I hear you.', firstTokenMs: modelMs }),
    settings: { conversation: { ...defaultConversationSettings, holdAfterMs } },
  });
  await call.hearReply();
  await call.says('what can I do now?');
  await call.hearReply();
  await call.clock.advance(modelMs + 5_000);
  await call.hangUp();
  return call.telemetry;
}

describe('A caller who waits', () => {
  test('longer than three seconds without a sound is counted, and the line says for how long', async () => {
    const telemetry = await turnWith(5_000, 60_000);

    const line = telemetry.lines.find(({ msg }) => msg === 'call.silence') as
      | { readonly silenceMs: number }
      | undefined;
    assert.deepEqual(telemetry.metrics('SilenceWatchdog'), [1]);
    assert.ok(line && line.silenceMs > 3_000);
  });

  test('with a hold phrase in time is not', async () => {
    const telemetry = await turnWith(5_000, 1_200);

    assert.deepEqual(telemetry.metrics('SilenceWatchdog'), []);
  });
});
