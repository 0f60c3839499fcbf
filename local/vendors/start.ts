/** The simulated vendors of a stack, in one process. */
import path from 'node:path';
import { createSynthesiser } from '../speech/synthesiser.ts';
import { startSimulatedAnthropic } from './anthropic/server.ts';
import { startSimulatedElevenLabs } from './elevenlabs/server.ts';
import { startSimulatedMcp } from './mcp/server.ts';
import type { VendorLog } from './violations.ts';

export interface SimulatedVendorsOptions {
  readonly elevenlabs?: boolean;
  readonly anthropic?: boolean;
  readonly mcp?: boolean;
  readonly apiKeys: { readonly elevenlabs: string; readonly anthropic: string };
  /** Where synthesised speech is kept. */
  readonly dataDir: string;
  readonly log?: VendorLog;
}

export interface SimulatedVendors {
  readonly urls: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function startSimulatedVendors(options: SimulatedVendorsOptions): Promise<SimulatedVendors> {
  const { apiKeys, dataDir } = options;
  const log = options.log ? { log: options.log } : {};
  const urls: Record<string, string> = {};
  const closing: (() => Promise<void>)[] = [];
  const add = (name: string, vendor: { readonly url: string; close(): Promise<void> }) => {
    urls[name] = vendor.url;
    closing.push(vendor.close);
  };
  if (options.elevenlabs) {
    const synthesiser = await createSynthesiser({ cacheDir: path.join(dataDir, 'speech') });
    closing.push(() => synthesiser.close());
    add('elevenlabs', await startSimulatedElevenLabs({ apiKey: apiKeys.elevenlabs, synthesiser, ...log }));
  }
  if (options.anthropic)
    add('anthropic', await startSimulatedAnthropic({ apiKey: apiKeys.anthropic, ...log }));
  if (options.mcp) add('mcp', await startSimulatedMcp(log));
  return {
    urls,
    async close() {
      await Promise.allSettled(closing.reverse().map((close) => close()));
    },
  };
}
