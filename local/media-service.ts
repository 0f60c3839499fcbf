/** `npm run media-service`: the media service as it is deployed, with a local stack's environment. */
import { watchParent } from './processes/parent-watch.ts';
import { removeStackFile } from './stack-file.ts';
import { prepareProcess } from './start-process.ts';

// Until the media service itself listens, which then ends calls kindly before it goes.
const starting = new AbortController();
const giveUp = () => {
  starting.abort();
  process.exit(0);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, giveUp);

const { environment, alone } = await prepareProcess('media', starting.signal);
if (alone) process.once('exit', () => removeStackFile(environment.dataDir));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, giveUp);
// The deployed service knows SIGTERM only.
process.once('SIGINT', () => process.kill(process.pid, 'SIGTERM'));
watchParent(() => process.kill(process.pid, 'SIGTERM'));
await import('../media-service/main.ts');
