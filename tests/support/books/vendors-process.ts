/** The simulated vendors in a process of their own: their work does not delay the frames of the callers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { developmentValues } from '#local/development-values.ts';
import { type SimulatedVendors, startSimulatedVendors } from '#local/vendors/start.ts';

export interface VendorsOptions {
  readonly dataDir: string;
  /** Default: as the vendors publish. */
  readonly delays?: Parameters<typeof startSimulatedVendors>[0]['delays'];
}

export async function startVendorsProcess(options: VendorsOptions): Promise<SimulatedVendors> {
  const child = spawn(process.execPath, [import.meta.filename, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, 'line'), ended.then(() => undefined)]);
  if (first === undefined) throw new Error('The simulated vendors did not start');
  return {
    urls: JSON.parse(String(first[0])) as SimulatedVendors['urls'],
    async close() {
      child.kill();
      await ended;
    },
  };
}

if (import.meta.main) {
  const { ELEVENLABS_API_KEY: elevenlabs, ANTHROPIC_API_KEY: anthropic } = developmentValues;
  const { dataDir, delays } = JSON.parse(process.argv[2] ?? '{}') as VendorsOptions;
  const { urls } = await startSimulatedVendors({
    elevenlabs: true,
    anthropic: true,
    mcp: true,
    apiKeys: { elevenlabs, anthropic },
    dataDir,
    ...(delays === undefined ? {} : { delays }),
  });
  process.stdout.write(`${JSON.stringify(urls)}\n`);
}
