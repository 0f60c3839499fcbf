/** Calls through everything that is real: both processes, the database, strict simulated vendors, real sockets. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type CallReport, makeCall } from '#local/caller/caller.ts';
import { fetchRecord } from '#local/caller/record.ts';
import { parseScript } from '#local/caller/script.ts';
import { createSynthesiser, type Synthesiser } from '#local/speech/synthesiser.ts';
import { eventually, type RunningStack, startStack } from '#tests/support/running-stack.ts';

const script = `
  wait for reply
  say "When is my next court hearing?"
  wait for reply
  say "Thank you. Goodbye."
  wait for reply
`;

let running: RunningStack;
let synthesiser: Synthesiser;

before(async () => {
  synthesiser = await createSynthesiser({});
  running = await startStack();
});

after(async () => {
  await synthesiser?.close();
  await running?.stop();
});

const target = () => ({ httpUrl: running.stack.httpUrl, apiKey: running.stack.apiKey });

function call(steps: string, onEvent?: (text: string) => void): Promise<CallReport> {
  const parsed = parseScript(steps);
  assert.ok(parsed.ok);
  const { twilio, elevenlabs, httpUrl } = running.stack;
  return makeCall({
    phoneUrl: twilio.phoneUrl ?? '',
    voiceUrl: `${httpUrl}/call/incoming?role=attorney`,
    from: '+12025550100',
    to: twilio.number,
    steps: parsed.steps,
    synthesiser,
    recogniserUrl: elevenlabs.url,
    ...(onEvent === undefined ? {} : { onEvent: ({ text }) => onEvent(text) }),
  });
}

async function get(url: string): Promise<unknown> {
  return (await fetch(url, { headers: { authorization: `Bearer ${running.stack.apiKey}` } })).json();
}

const originOf = (url: string | undefined) => new URL(url ?? '').origin;

describe('the whole center', { concurrency: false }, () => {
  test('carries three calls at once, each with every turn, its record, its cost, and no violation anywhere', async () => {
    const reports = await Promise.all([call(script), call(script), call(script)]);

    for (const report of reports) {
      assert.equal(report.status, 'completed');
      assert.equal(report.repliesHeard, 3);
      assert.deepEqual(report.ledger.violations, []);
      const record = await fetchRecord(target(), report.callSid ?? '');
      assert.equal(record?.role, 'attorney');
      assert.equal(record?.outcome, 'completed');
      const said = record?.transcript?.map(({ speaker }) => speaker);
      assert.deepEqual(said, ['assistant', 'caller', 'assistant', 'caller', 'assistant']);
      assert.match(record?.transcript?.[2]?.text ?? '', /Tuesday at nine/);
      assert.ok((record?.costSummary?.estimatedCostUsd ?? 0) > 0);
    }
    const summaries = (sid: string | undefined) =>
      running.logLines().filter((line) => line['msg'] === 'cost.call.summary' && line['callSid'] === sid);
    for (const { callSid } of reports) {
      await eventually(async () => (summaries(callSid).length > 0 ? true : undefined), 5_000);
      assert.equal(summaries(callSid).length, 1);
    }
    const { elevenlabs, anthropic, mcp } = running.stack;
    for (const vendor of [elevenlabs, anthropic, mcp])
      assert.deepEqual(await get(`${originOf(vendor.url)}/_simulated/violations`), []);
  });

  test('counts the prompt tokens that the model counted', async () => {
    const ledger = (await get(`${originOf(running.stack.anthropic.url)}/_simulated/ledger`)) as Record<
      string,
      number
    >;
    const page = (await get(`${running.stack.httpUrl}/records?limit=100`)) as {
      items: { costSummary?: Record<string, number> }[];
    };
    const ours = (name: string) =>
      page.items.reduce((sum, { costSummary }) => sum + (costSummary?.[name] ?? 0), 0);

    assert.equal(ours('claudeInputTokens'), ledger['inputTokens']);
    assert.equal(ours('claudeCacheReadTokens'), ledger['cacheReadTokens']);
    assert.equal(
      ours('claudeCacheCreationTokens'),
      (ledger['cacheWrite5mTokens'] ?? 0) + (ledger['cacheWrite1hTokens'] ?? 0),
    );
    assert.ok(ours('claudeCacheReadTokens') > 0);
  });

  test('keeps every finished turn of a call whose process is killed, and serves again', async () => {
    const listening = running
      .logLines()
      .findLast((line) => line['msg'] === 'local.process-started' && line['process'] === 'media');
    let callSid = '';
    const killed = call('wait for reply\nsay "I need help."\nwait for reply\nwait 5s\nhang up');
    const turns = await eventually(async () => {
      callSid = String(running.logLines().findLast((line) => line['msg'] === 'call.started')?.['callSid']);
      const record = (await get(`${running.stack.httpUrl}/records/${callSid}?include=turns`)) as {
        outcome?: string;
        turns?: unknown[];
      };
      return record.outcome === undefined && (record.turns?.length ?? 0) >= 2 ? record.turns : undefined;
    }, 30_000);

    process.kill(Number(listening?.['pid']), 'SIGKILL');
    await killed;

    const record = (await get(`${running.stack.httpUrl}/records/${callSid}?include=turns`)) as {
      turns: unknown[];
    };
    assert.deepEqual(record.turns.slice(0, turns?.length), turns);
    const mediaHealth = `${running.stack.mediaUrl.replace(/^ws/, 'http')}/health`;
    await eventually(
      () =>
        fetch(mediaHealth).then(
          ({ ok }) => ok || undefined,
          () => undefined,
        ),
      15_000,
    );
  });

  test('refuses a forged webhook and a forged stream', async () => {
    const webhook = await fetch(`${running.stack.httpUrl}/call/incoming`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': 'forged' },
      body: 'CallSid=CA00000000000000000000000000000001',
    });
    const stream = await fetch(`${running.stack.mediaUrl.replace(/^ws/, 'http')}/call/stream`, {
      headers: { 'x-twilio-signature': 'forged' },
    });

    assert.equal(webhook.status, 403);
    assert.notEqual(stream.status, 101);
  });
});
