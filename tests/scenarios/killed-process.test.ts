/** A call through everything that is real, in the middle of which the process that carries it is killed. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '#tests/support/running-stack.ts';
import { type StackInUse, useStack } from '#tests/support/stack-in-use.ts';

let center: StackInUse;
before(async () => {
  center = await useStack();
});
after(() => center?.stop());

describe('the whole center', () => {
  test('keeps every finished turn of a call whose process is killed, and serves again', async () => {
    const listening = center
      .logLines()
      .findLast((line) => line['msg'] === 'local.process-started' && line['process'] === 'media');
    let callSid = '';
    const killed = center.call('wait for reply\nsay "I need help."\nwait for reply\nwait 5s\nhang up');
    const turns = await eventually(async () => {
      callSid = String(center.logLines().findLast((line) => line['msg'] === 'call.started')?.['callSid']);
      const record = (await center.get(`${center.stack.httpUrl}/records/${callSid}?include=turns`)) as {
        outcome?: string;
        turns?: unknown[];
      };
      return record.outcome === undefined && (record.turns?.length ?? 0) >= 2 ? record.turns : undefined;
    }, 30_000);

    process.kill(Number(listening?.['pid']), 'SIGKILL');
    await killed;

    const record = (await center.get(`${center.stack.httpUrl}/records/${callSid}?include=turns`)) as {
      turns: unknown[];
    };
    assert.deepEqual(record.turns.slice(0, turns?.length), turns);
    const mediaHealth = `${center.stack.mediaUrl.replace(/^ws/, 'http')}/health`;
    await eventually(
      () =>
        fetch(mediaHealth).then(
          ({ ok }) => ok || undefined,
          () => undefined,
        ),
      15_000,
    );
  });
});
