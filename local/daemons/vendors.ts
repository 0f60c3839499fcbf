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
    // Into the daemon's log: what a client did that the real vendor would have refused.
    log: (message, fields) => console.error(JSON.stringify({ message, ...fields })),
  });
  return { addresses: vendors.urls, close: vendors.close };
});
