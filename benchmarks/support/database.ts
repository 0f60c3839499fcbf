/** The embedded database in a process of its own, as on one machine: its work is not the work that is measured. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { developmentAwsCredentials } from '#local/development-values.ts';
import { startTestDatabase, type TestDatabase } from '#tests/support/embedded-database.ts';

export async function startDatabaseProcess(): Promise<TestDatabase> {
  // The SDK reads its credentials from the process environment only.
  Object.assign(process.env, developmentAwsCredentials);
  const child = spawn(process.execPath, [import.meta.filename], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    url,
    async close() {
      child.kill();
      await ended;
    },
  };
}

if (import.meta.main) {
  const { url } = await startTestDatabase();
  process.stdout.write(`${url}\n`);
}
