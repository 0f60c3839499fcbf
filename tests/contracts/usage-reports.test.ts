/** The vendors' usage reports over real sockets, against the strict simulated vendors. */
import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { createAnthropicReport } from '#adapters/anthropic/usage-report.ts';
import { createElevenLabsReport } from '#adapters/elevenlabs/usage-report.ts';
import { systemClock } from '#adapters/system-clock/clock.ts';
import { createTwilioUsage } from '#adapters/twilio/usage.ts';
import { defaultPrices as prices } from '#core/costs/prices.ts';
import { ProviderError } from '#core/errors.ts';
import { newCallLedger } from '#local/twilio/ledger.ts';
import type { ExchangeSettings } from '#local/twilio/settings.ts';
import { balance, usageRecords } from '#local/twilio/usage-records.ts';
import { startSimulatedAnthropic } from '#local/vendors/anthropic/server.ts';
import { startSimulatedElevenLabs } from '#local/vendors/elevenlabs/server.ts';
import { tonedSynthesiser } from '#tests/local/vendors/tone-speech.ts';

const { signal } = new AbortController();
const today = () => new Date().toISOString().slice(0, 10);
const longAgo = '2020-01-01';

async function serve(answer: (url: URL) => { status: number; body: unknown }) {
  const server = http.createServer((request, response) => {
    const { status, body } = answer(new URL(request.url ?? '/', 'http://host'));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('the usage report of Anthropic', () => {
  test('prices what was counted, by model, and is not had without an admin key', async () => {
    const vendor = await startSimulatedAnthropic({
      apiKey: 'sk-ant-api-test',
      delays: { firstTokenMs: 0, tokensPerSec: 100_000, thinkingMs: 0 },
    });
    const report = (adminKey: string) => createAnthropicReport({ adminKey, baseUrl: vendor.url, prices });
    const asked = await fetch(`${vendor.url}/v1/messages`, {
      method: 'POST',
      headers: {
        'x-api-key': 'sk-ant-api-test',
        'anthropic-version': '2023-06-01',
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        model: 'claude-haiku-4-5',
        max_tokens: 50,
        messages: [{ role: 'user', content: 'Hello, can you help me?' }],
      }),
    });
    assert.equal(asked.status, 200, await asked.text());

    const usage = (await report('sk-ant-admin-test').day(today(), { signal })).get('anthropic');
    const before = (await report('sk-ant-admin-test').day(longAgo, { signal })).get('anthropic');
    const refused = await report('sk-ant-api-test')
      .day(today(), { signal })
      .catch((error: unknown) => error);
    const { inputTokens, outputTokens } = vendor.ledger();
    await vendor.close();

    const usd = (inputTokens * 1 + outputTokens * 5) / 1e6;
    assert.ok(usd > 0 && usage && 'usd' in usage && Math.abs(usage.usd - usd) < 1e-9);
    assert.deepEqual(usage.counts, [
      { operation: 'output-tokens', model: 'claude-haiku-4-5', usage: outputTokens },
    ]);
    assert.deepEqual(before && 'usd' in before && before.usd, 0);
    assert.ok(refused instanceof ProviderError && refused.failure === 'refused');
  });

  test('follows its pages, and says which model has no price', async () => {
    const row = (model: string) => ({ model, uncached_input_tokens: 1_000_000, output_tokens: null });
    const page = (model: string, next: string | null) => ({
      status: 200,
      body: { data: [{ results: [row(model)] }], has_more: next !== null, next_page: next },
    });
    const server = await serve((url) =>
      url.searchParams.get('page') === null ? page('claude-haiku-4-5', 'two') : page('claude-opus-5-5', null),
    );
    const unknown = await serve(() => page('claude-unheard-of', null));
    const dayOf = async (baseUrl: string) =>
      (await createAnthropicReport({ adminKey: 'k', baseUrl, prices }).day(longAgo, { signal })).get(
        'anthropic',
      );

    const [known, skipped] = [await dayOf(server.url), await dayOf(unknown.url)];
    await Promise.all([server.close(), unknown.close()]);

    assert.equal(known && 'usd' in known && known.usd, 5);
    assert.match((skipped && 'skipped' in skipped && skipped.skipped) || '', /claude-unheard-of/);
  });
});

describe('the usage report of ElevenLabs', () => {
  test('prices characters and minutes, and tells the quota', async () => {
    const vendor = await startSimulatedElevenLabs({ apiKey: 'key', synthesiser: tonedSynthesiser });
    const report = createElevenLabsReport({
      apiKey: 'key',
      baseUrl: vendor.url,
      prices,
      speechModel: 'eleven_flash_v2_5',
      clock: systemClock,
    });
    const text = 'Hello there, how are you?';
    const spoken = await fetch(
      `${vendor.url}/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM?output_format=ulaw_8000`,
      {
        method: 'POST',
        headers: { 'xi-api-key': 'key', 'content-type': 'application/json' },
        body: JSON.stringify({ text, model_id: 'eleven_flash_v2_5' }),
      },
    );
    await spoken.arrayBuffer();

    const usage = await report.day(today(), { signal });
    const [quota] = await report.quotas({ signal });
    await vendor.close();

    const speech = usage.get('elevenlabs-tts');
    assert.ok(speech && 'usd' in speech && speech.usd === (text.length / 1_000) * 0.06);
    assert.deepEqual(speech.counts, [{ operation: 'live-characters', usage: text.length }]);
    assert.deepEqual([quota?.name, quota?.used], ['elevenlabs-characters', text.length]);
  });
});

describe('the usage report of Twilio', () => {
  const accountSid = `AC${'1'.repeat(32)}`;
  const settings = { accountSid } as ExchangeSettings;
  const ledger = {
    ...newCallLedger({
      callSid: `CA${'2'.repeat(32)}`,
      direction: 'inbound',
      from: '+1',
      to: '+1',
      status: 'completed',
    }),
    billedMinutes: 3,
    streamMinutes: 3,
  };
  const account = { accountSid, authToken: 't' };

  test('gives what calls cost, the streams among it, and the balance', async () => {
    const server = await serve(({ pathname, searchParams }) =>
      pathname.endsWith('/Balance.json')
        ? balance(settings, [ledger])
        : usageRecords(settings, [ledger], searchParams),
    );
    const report = createTwilioUsage({ ...account, baseUrl: server.url });

    const usage = (await report.day(ledger.startedAt.slice(0, 10), { signal })).get('twilio');
    const before = (await report.day(longAgo, { signal })).get('twilio');
    const left = await report.balanceUsd({ signal });
    await server.close();

    assert.equal(usage && 'usd' in usage && usage.usd, 0.0375);
    assert.equal(before && 'usd' in before && before.usd, 0);
    assert.equal(left, 49.9625);
  });

  test('takes off rent and messages, reads negative prices, and does without a total', async () => {
    const record = (category: string, price: string) => ({ category, price, price_unit: 'usd' });
    const records = [
      record('calls-inbound', '-0.5'),
      record('phonenumbers', '-1.15'),
      record('sms', '-0.25'),
      record('totalprice', '-1.9'),
    ];
    const dayOf = async (usage_records: object[]) => {
      const server = await serve(() => ({ status: 200, body: { usage_records } }));
      const usage = await createTwilioUsage({ ...account, baseUrl: server.url }).day(longAgo, { signal });
      await server.close();
      const found = usage.get('twilio');
      return found && 'usd' in found && found.usd;
    };

    assert.equal(await dayOf(records), 0.5);
    assert.equal(await dayOf(records.slice(0, 3)), 0.5);
  });
});
