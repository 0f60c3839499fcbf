/** Daemon: the embedded database with its tables, kept in `$DATA_DIR/database`. */
import path from 'node:path';
import { startEmbeddedDatabase } from '../database/embedded-database.ts';
import { makeTables } from '../database/make-tables.ts';
import { developmentAwsCredentials } from '../development-values.ts';
import { runDaemon } from './run-daemon.ts';

await runDaemon('database', async ({ dataDir, previousAddresses }) => {
  const previous = previousAddresses['url'];
  const database = await startEmbeddedDatabase({
    folder: path.join(dataDir, 'database'),
    ...(previous !== undefined && { port: Number(new URL(previous).port) }),
  });
  await makeTables(database.url, { ...developmentAwsCredentials, ...process.env });
  return { addresses: { url: database.url }, close: database.close };
});
