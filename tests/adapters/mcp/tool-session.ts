/** The adapter on a strict tool server, and time that moves when a test moves it. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach } from 'node:test';
import { createMcpTools, type McpTools, type McpToolsOptions } from '#adapters/mcp/tools.ts';
import { callSidSchema } from '#core/ids.ts';
import type { ToolResult } from '#core/ports/tools.ts';
import { createManualClock, type ManualClock } from '../anthropic/manual-clock.ts';
import { recordingTelemetry } from '../elevenlabs/telemetry.ts';
import { type StrictToolServer, startStrictToolServer, type ToolAnswer } from './strict-tool-server.ts';

export const callSid = callSidSchema.parse(`CA${'0'.repeat(32)}`);

export const never = new AbortController().signal;

export const tool = (name: string, more: object = {}) => ({
  name,
  description: `What ${name} does`,
  inputSchema: { type: 'object', properties: { county: { type: 'string' } } },
  ...more,
});

export const say = (text: string): ToolAnswer => ({ result: { content: [{ type: 'text', text }] } });

/** A failure to connect: the others happen in a call and say in which. */
export const isAboutNoCall = (line: object) => 'provider' in line && !('callSid' in line);

interface Session {
  server: StrictToolServer;
  tools: McpTools;
  clock: ManualClock;
  telemetry: ReturnType<typeof recordingTelemetry>;
}

/** To be called in a `describe`: each of its tests has a server, which nobody may ask wrongly. */
export function useToolServer() {
  const on = {} as Session;
  const open = (options: Partial<McpToolsOptions> = {}) => {
    on.tools = createMcpTools({
      url: on.server.url,
      clientName: 'voice-center',
      clientVersion: '1.0.0',
      timeoutMs: 4_000,
      clock: on.clock,
      telemetry: on.telemetry,
      ...options,
    });
    return on.tools;
  };
  const openWith = async (...listed: object[]) => {
    on.server.tools = listed;
    await open().listed();
  };
  const run = (name: string, signal = never): Promise<ToolResult> =>
    on.tools.run({ id: 'toolu_1', name, input: { county: 'Kent' } }, { callSid, signal });
  const names = () => on.tools.definitions().map((definition) => definition.name);
  beforeEach(async () => {
    on.server = await startStrictToolServer();
    on.clock = createManualClock();
    on.telemetry = recordingTelemetry();
  });
  afterEach(async () => {
    const closed = on.tools.close();
    on.clock.advance(2_000);
    await closed;
    await on.server.close();
    assert.deepEqual(on.server.breaches, []);
    assert.equal(on.clock.timersSet(), 0);
  });

  return { on, open, openWith, run, names };
}
