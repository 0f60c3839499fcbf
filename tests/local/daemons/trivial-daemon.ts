/** A daemon that does nothing but exist, and writes down that it was started and closed. */
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { runDaemon } from '#local/daemons/run-daemon.ts';

await runDaemon('trivial', async ({ dataDir, previousAddresses }) => {
  const diary = path.join(dataDir, 'diary');
  if (process.env['TRIVIAL_PROBLEM']) throw new Error(process.env['TRIVIAL_PROBLEM']);
  appendFileSync(diary, `start ${process.pid}\n`);
  return {
    addresses: { url: `http://127.0.0.1/${process.pid}`, previous: previousAddresses['url'] ?? 'none' },
    close: async () => appendFileSync(diary, `close ${process.pid}\n`),
  };
});
