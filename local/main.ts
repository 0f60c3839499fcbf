/** `npm start`: the whole voice center on one machine, without any account. */
import path from 'node:path';
import { isCancelled } from '#core/errors.ts';
import { announce } from './announcement.ts';
import { type LocalEnvironment, vendors } from './environment.ts';
import { openLogFile } from './logs/log-file.ts';
import { createOutput, type Output } from './logs/output.ts';
import { watchParent } from './processes/parent-watch.ts';
import { explainBusyPort } from './processes/ports.ts';
import { untilHealthy } from './processes/readiness.ts';
import { type SupervisedChild, superviseChild } from './processes/supervised-child.ts';
import { joinServices, type Services } from './services.ts';
import { describeStack, removeStackFile, writeStackFile } from './stack-file.ts';
import { exitWithProblems, loadEnvironmentOrExit } from './start-process.ts';

const help = `npm start: the whole voice center on one machine

Starts the HTTP API, the media service, an embedded database and a simulated
stand-in for every vendor whose key is not set. Settings come from the
environment and from .env; .env.example names them all.

  npm start               everything, until Ctrl-C
  npm run call            a simulated caller dials in (in another terminal)
  npm run http            the HTTP API alone
  npm run media-service   the media service alone
`;

/** From start to an answer on /health; a busy machine needs a few seconds. */
const healthTimeoutMs = 45_000;
/** The media service ends its calls kindly first, by its own limits (`DRAIN_…`); a second Ctrl-C does not wait. */
const stopTimeoutMs = 90_000;
const sameSignalMs = 1_000;

type ProcessName = 'http' | 'media';
const scripts: Record<ProcessName, string> = { http: 'http-server.ts', media: 'media-service.ts' };

interface Stage {
  readonly environment: LocalEnvironment;
  readonly services: Services;
  readonly output: Output;
  readonly children: Readonly<Record<ProcessName, SupervisedChild>>;
}

function startChildren(services: Services, output: Output, onGivenUp: (name: ProcessName) => void) {
  const start = (name: ProcessName) =>
    superviseChild({
      name,
      script: path.join(import.meta.dirname, scripts[name]),
      env: () => ({ ...process.env, ...services.variables() }),
      onLine: (line) => output.relay(name, line),
      onStart: (pid) => output.note('info', 'local.process-started', { process: name, pid }),
      onRestart: ({ exit, delayMs }) =>
        output.log('warn', 'local.process-died', { process: name, exit, restartInMs: delayMs }),
      onGivenUp: (exit) => {
        output.log('error', 'local.process-failed', { process: name, exit });
        onGivenUp(name);
      },
    });
  return { http: start('http'), media: start('media') };
}

async function untilReady(environment: LocalEnvironment, signal: AbortSignal): Promise<string | undefined> {
  const addresses = [
    `http://127.0.0.1:${environment.port}/health`,
    `http://127.0.0.1:${environment.mediaPort}/health`,
  ];
  const healthy = await Promise.all(addresses.map((url) => untilHealthy(url, healthTimeoutMs, signal)));
  const silent = addresses.filter((_, i) => !healthy[i]);
  return silent.length === 0 ? undefined : silent.join(' and ');
}

function announceReady({ environment, services, output }: Stage): void {
  const stack = describeStack(environment, services);
  writeStackFile(environment.dataDir, stack);
  for (const vendor of vendors) {
    const mode = environment.vendors[vendor];
    const url = mode.mode === 'simulated' ? undefined : mode.url;
    output.note('info', 'local.vendor', { vendor, mode: mode.mode, url });
  }
  for (const warning of environment.warnings) output.log('warn', 'local.warning', { warning });
  output.note('info', 'local.ready', {
    httpUrl: stack.httpUrl,
    mediaUrl: stack.mediaUrl,
    number: stack.twilio.number,
    dataDir: environment.dataDir,
    next: 'npm run call',
  });
  output.tell(announce(environment, stack));
}

async function stopAll(
  stage: Pick<Stage, 'environment' | 'services' | 'output' | 'children'>,
): Promise<void> {
  stage.output.log('info', 'local.stopping');
  removeStackFile(stage.environment.dataDir);
  await Promise.all(Object.values(stage.children).map((child) => child.stop(stopTimeoutMs)));
  await stage.services.release();
  stage.output.log('info', 'local.stopped');
  stage.output.flush();
}

/** @param hurry the person asked again. One Ctrl-C may arrive twice: from the terminal and through npm. */
function onStopSignals(stop: () => void, hurry: () => void): void {
  let firstAtMs: number | undefined;
  const onSignal = () => {
    firstAtMs ??= performance.now();
    if (performance.now() - firstAtMs > sameSignalMs) hurry();
    stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
}

async function run(): Promise<number> {
  const environment = loadEnvironmentOrExit();
  const busy = [
    await explainBusyPort('PORT', environment.port),
    await explainBusyPort('MEDIA_PORT', environment.mediaPort, environment.variables['MEDIA_HOST']),
  ].filter((problem) => problem !== undefined);
  if (busy.length > 0) exitWithProblems(busy);

  const stopping = new AbortController();
  let exitCode = 0;
  const children: Partial<Record<ProcessName, SupervisedChild>> = {};
  const stop = (code = 0) => {
    exitCode ||= code;
    stopping.abort();
  };
  onStopSignals(
    () => stop(),
    () => Object.values(children).forEach((child) => void child.kill()),
  );
  watchParent(() => stop());

  const output = createOutput({
    source: 'start',
    file: openLogFile(environment.dataDir),
    write: (text) => void process.stdout.write(text),
    isTerminal: process.stdout.isTTY === true,
  });
  const onMoved = () => {
    for (const child of Object.values(children)) child.restart();
  };
  const services = await joinServices(environment, { log: output.log, signal: stopping.signal, onMoved });
  Object.assign(
    children,
    startChildren(services, output, () => stop(1)),
  );
  const stage = { environment, services, output, children: children as Stage['children'] };

  const silent = await untilReady(environment, stopping.signal);
  if (silent === undefined) {
    for (const child of Object.values(stage.children)) child.declareReady();
    announceReady(stage);
    await new Promise((resolve) => {
      if (stopping.signal.aborted) resolve(undefined);
      else stopping.signal.addEventListener('abort', resolve, { once: true });
    });
  } else if (!stopping.signal.aborted) {
    output.log('error', 'local.not-ready', { silent, afterMs: healthTimeoutMs });
    stop(1);
  }
  await stopAll(stage);
  return exitCode;
}

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  process.stdout.write(help);
} else if (process.argv.length > 2) {
  exitWithProblems([`npm start takes no arguments but --help; "${process.argv[2]}" is not known.`]);
} else {
  try {
    process.exitCode = await run();
  } catch (error) {
    if (!isCancelled(error)) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    }
  }
  process.exit();
}
