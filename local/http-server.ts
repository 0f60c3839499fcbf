/** `npm run http`: the HTTP API with its functions, and the scheduled jobs, as one process. */
import { apiRoutes } from '#core/http/routes.ts';
import { parseConfig } from '#lambdas/config.ts';
import { type Handler, startHttpApi } from './http/http-api.ts';
import { watchParent } from './processes/parent-watch.ts';
import { type ScheduledJob, scheduleJobs } from './scheduled-jobs.ts';
import { removeStackFile } from './stack-file.ts';
import { exitWithProblems, prepareProcess } from './start-process.ts';

/** As the scheduler of a deployed stage does it. */
const jobs = [
  { name: 'close-stale-calls', everyMs: 60_000 },
  // Once a day in a stage; here somebody is looking.
  { name: 'roll-up-costs', everyMs: 60_000 },
  { name: 'reconcile-costs', everyMs: 3_600_000 },
] as const;

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
watchParent(() => stopping.abort());

async function loadFunction(folder: 'http' | 'jobs', name: string): Promise<Handler> {
  const module = (await import(`../lambdas/${folder}/${name}.ts`)) as { handler?: unknown };
  if (typeof module.handler !== 'function')
    throw new Error(`lambdas/${folder}/${name}.ts exports no handler`);
  return module.handler as Handler;
}

/** The functions read their settings on first use, which is too late for a person who is starting them. */
function checkConfig(): void {
  try {
    parseConfig(process.env);
  } catch (error) {
    exitWithProblems([error instanceof Error ? error.message : String(error)]);
  }
}

/** Where it broke, without its message, which may hold what a caller said. */
function describeError(error: unknown): { error: string; at: string } {
  if (!(error instanceof Error)) return { error: typeof error, at: '' };
  const frames = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  return { error: error.name, at: frames.slice(0, 2).join(' ').replaceAll(/\s+/g, ' ').trim() };
}

const { environment, services, output, alone } = await prepareProcess('http', stopping.signal);
checkConfig();
const names = [...new Set(apiRoutes.map((route) => route.name))];
const handlers = new Map(
  await Promise.all(names.map(async (name) => [name, await loadFunction('http', name)] as const)),
);
const scheduled = await Promise.all(
  jobs.map(async (job): Promise<ScheduledJob> => {
    const handler = (await loadFunction('jobs', job.name)) as unknown as ScheduledJob['handler'];
    return { ...job, handler };
  }),
);
const api = await startHttpApi({
  routes: apiRoutes,
  handlers,
  port: environment.port,
  onFunctionError: (functionName, error) =>
    output.log('error', 'local.function-failed', {
      functionName,
      ...describeError(error),
    }),
}).catch((error: Error) => exitWithProblems([`The HTTP API could not listen on PORT: ${error.message}`]));
const stopJobs = scheduleJobs(scheduled, output.log);
output.log('info', 'local.http-ready', { url: environment.httpUrl, port: api.port });

const stop = async () => {
  stopJobs();
  await api.close();
  if (alone) removeStackFile(environment.dataDir);
  await services.release();
  process.exit(0);
};
if (stopping.signal.aborted) await stop();
else stopping.signal.addEventListener('abort', () => void stop(), { once: true });
