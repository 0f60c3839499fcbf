import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { startSimulatedVendors } from '#local/vendors/start.ts';

const dataDir = await mkdtemp(path.join(tmpdir(), 'vendors-test-'));
after(() => rm(dataDir, { recursive: true, force: true }));
const apiKeys = { elevenlabs: 'eleven', anthropic: 'claude' };

describe('the simulated vendors of a stack', () => {
  it('are those that were asked for, and answer at their addresses with their keys', async () => {
    const vendors = await startSimulatedVendors({
      elevenlabs: true,
      anthropic: true,
      mcp: true,
      apiKeys,
      dataDir,
    });

    const subscription = await fetch(`${vendors.urls.elevenlabs}/v1/user/subscription`, {
      headers: { 'xi-api-key': 'eleven' },
    });
    const message = await fetch(`${vendors.urls.anthropic}/v1/messages`, { method: 'POST', body: '{}' });
    const listen = await fetch(vendors.urls.mcp ?? '');
    await vendors.close();

    assert.deepEqual([subscription.status, message.status, listen.status], [200, 401, 405]);
    await assert.rejects(fetch(vendors.urls.mcp ?? ''));
  });

  it('are none when none was asked for', async () => {
    const vendors = await startSimulatedVendors({ apiKeys, dataDir });

    await vendors.close();

    assert.deepEqual(vendors.urls, {});
  });
});
