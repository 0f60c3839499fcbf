/** The simulated vendors of a stack, in one process. */
import path from 'node:path';
import { createSynthesiser } from '../speech/synthesiser.ts';
import { type SimulatedAnthropicOptions, startSimulatedAnthropic } from './anthropic/server.ts';
import { type ElevenLabsDelays, startSimulatedElevenLabs } from './elevenlabs/server.ts';
import { startSimulatedMcp } from './mcp/server.ts';
import type { VendorLog } from './violations.ts';

export interface SimulatedVendorsOptions {
  /** Which are started. */
  readonly elevenlabs?: boolean;
  readonly anthropic?: boolean;
  readonly mcp?: boolean;
  /** What clients must send; without `mcp` its server asks for nothing. */
  readonly apiKeys: { readonly elevenlabs: string; readonly anthropic: string; readonly mcp?: string };
  /** Default: what the vendors publish. */
  readonly delays?: ElevenLabsDelays & NonNullable<SimulatedAnthropicOptions['delays']>;
  /** Where synthesised speech is kept. */
  readonly dataDir: string;
  readonly log?: VendorLog;
}

export type SimulatedVendor = 'elevenlabs' | 'anthropic' | 'mcp';

export interface SimulatedVendors {
  /** Of those that were started; MCP's is its endpoint. */
  readonly urls: Readonly<Partial<Record<SimulatedVendor, string>>>;
  /** Also cuts what is still connected. */
  close(): Promise<void>;
}

interface Closing {
  close(): Promise<void>;
}

export async function startSimulatedVendors(options: SimulatedVendorsOptions): Promise<SimulatedVendors> {
  const { apiKeys, dataDir, delays = {} } = options;
  const log = options.log ? { log: options.log } : {};
  const urls: Partial<Record<SimulatedVendor, string>> = {};
  const started: Closing[] = [];
  const add = (name: SimulatedVendor, vendor: Closing & { readonly url: string }) => {
    urls[name] = vendor.url;
    started.push(vendor);
  };
  const close = async () => {
    await Promise.allSettled(started.reverse().map((one) => one.close()));
  };

  try {
    if (options.elevenlabs) {
      const synthesiser = await createSynthesiser({ cacheDir: path.join(dataDir, 'speech') });
      started.push(synthesiser);
      add(
        'elevenlabs',
        await startSimulatedElevenLabs({ apiKey: apiKeys.elevenlabs, synthesiser, delays, ...log }),
      );
    }
    if (options.anthropic)
      add('anthropic', await startSimulatedAnthropic({ apiKey: apiKeys.anthropic, delays, ...log }));
    if (options.mcp)
      add(
        'mcp',
        await startSimulatedMcp({ ...(apiKeys.mcp === undefined ? {} : { token: apiKeys.mcp }), ...log }),
      );
  } catch (error) {
    await close();
    throw error;
  }
  return { urls, close };
}
