/** Calls through everything that is real: both processes, the database, strict simulated vendors, real sockets. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fetchRecord } from '#local/caller/record.ts';
import { eventually } from '#tests/support/running-stack.ts';
import { type StackInUse, useStack } from '#tests/support/stack-in-use.ts';

const script = `
  wait for reply
  say "When is my next court hearing?"
  wait for reply
  say "Thank you. Goodbye."
  wait for reply
`;

let center: StackInUse;
before(async () => {
  center = await useStack();
});
after(() => center?.stop());

const originOf = (url: string | undefined) => new URL(url ?? '').origin;

describe('the whole center', { concurrency: false }, () => {
  test('carries three calls at once, each with every turn, its record, its cost, and no violation anywhere', async () => {
    const reports = await Promise.all([1, 2, 3].map(() => center.call(script)));

    for (const report of reports) {
      assert.equal(report.status, 'completed');
      assert.equal(report.repliesHeard, 3);
      assert.deepEqual(report.ledger.violations, []);
      const record = await fetchRecord(center.target, report.callSid ?? '');
      assert.equal(record?.role, 'attorney');
      assert.equal(record?.outcome, 'completed');
      const said = record?.transcript?.map(({ speaker }) => speaker);
      assert.deepEqual(said, ['assistant', 'caller', 'assistant', 'caller', 'assistant']);
      assert.match(record?.transcript?.[2]?.text ?? '', /Tuesday at nine/);
      assert.ok((record?.costSummary?.estimatedCostUsd ?? 0) > 0);
    }
    const summaries = (sid: string | undefined) =>
      center.logLines().filter((line) => line['msg'] === 'cost.call.summary' && line['callSid'] === sid);
    for (const { callSid } of reports) {
      await eventually(async () => (summaries(callSid).length > 0 ? true : undefined), 5_000);
      assert.equal(summaries(callSid).length, 1);
    }
    const { elevenlabs, anthropic, mcp } = center.stack;
    for (const vendor of [elevenlabs, anthropic, mcp])
      assert.deepEqual(await center.get(`${originOf(vendor.url)}/_simulated/violations`), []);
  });

  const estimateErrorMax = 0.02;

  test('counts the prompt tokens that the model counted', async () => {
    const ledger = (await center.get(`${originOf(center.stack.anthropic.url)}/_simulated/ledger`)) as Record<
      string,
      number
    >;
    const page = (await center.get(`${center.stack.httpUrl}/records?limit=100`)) as {
      items: { costSummary?: Record<string, number> }[];
    };
    const ours = (name: string) =>
      page.items.reduce((sum, { costSummary }) => sum + (costSummary?.[name] ?? 0), 0);

    // The prompt of a draft that was given up before the model said a word is an estimate.
    const counted = [
      [ours('claudeInputTokens'), ledger['inputTokens'] ?? 0],
      [ours('claudeCacheReadTokens'), ledger['cacheReadTokens'] ?? 0],
      [
        ours('claudeCacheCreationTokens'),
        (ledger['cacheWrite5mTokens'] ?? 0) + (ledger['cacheWrite1hTokens'] ?? 0),
      ],
    ] as const;
    for (const [own, theirs] of counted)
      assert.ok(Math.abs(own - theirs) <= estimateErrorMax * theirs, `${own} of ${theirs}`);
    assert.ok(ours('claudeCacheReadTokens') > 0);
  });

  test('refuses a forged webhook and a forged stream', async () => {
    const webhook = await fetch(`${center.stack.httpUrl}/call/incoming`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': 'forged' },
      body: 'CallSid=CA00000000000000000000000000000001',
    });
    const stream = await fetch(`${center.stack.mediaUrl.replace(/^ws/, 'http')}/call/stream`, {
      headers: { 'x-twilio-signature': 'forged' },
    });

    assert.equal(webhook.status, 403);
    assert.notEqual(stream.status, 101);
  });
});
