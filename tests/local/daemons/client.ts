/** A process that joins the trivial daemon, says so, and holds it until it is killed. */
import { joinDaemon } from '#local/daemons/daemon.ts';

const [script = '', dataDir = ''] = process.argv.slice(2);
const joined = await joinDaemon({ name: 'trivial', script, dataDir, env: {} });
process.stdout.write(`${joined.info.pid}\n`);
setInterval(() => undefined, 60_000);
