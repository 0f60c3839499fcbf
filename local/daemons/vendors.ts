/** Daemon: the simulated ElevenLabs, Claude and MCP server. */
import { startSimulatedVendors } from '../vendors/start.ts';
import { runDaemon } from './run-daemon.ts';

await runDaemon('vendors', async ({ dataDir }) => {
  const vendors = await startSimulatedVendors({
    elevenlabs: true,
    anthropic: true,
    mcp: true,
    apiKeys: {
      elevenlabs: process.env['ELEVENLABS_API_KEY'] ?? '',
      anthropic: process.env['ANTHROPIC_API_KEY'] ?? '',
    },
    dataDir,
  });
  return { addresses: vendors.urls, close: vendors.close };
});
