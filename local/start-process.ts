/** What `npm run http` and `npm run media-service` do first: settings, helpers, and the environment the code reads. */

import { isCancelled } from '#core/errors.ts';
import { type LocalEnvironment, loadEnvironment } from './environment.ts';
import { type Output, takeStandardOutput } from './logs/output.ts';
import { explainBusyPort, settingProblemExitCode } from './processes/ports.ts';
import { joinServices, type Services } from './services.ts';
import { describeStack, isStackDescribed, writeStackFile } from './stack-file.ts';

export interface LocalProcess {
  readonly environment: LocalEnvironment;
  readonly services: Services;
  readonly output: Output;
  /** True when a person or a script started this process alone, not `npm start`. */
  readonly alone: boolean;
}

/** Prints what is wrong and where to mend it, one line each, and ends the process. */
export function exitWithProblems(problems: readonly string[]): never {
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exit(settingProblemExitCode);
}

/** @returns the settings, or ends the process with what is wrong with them. */
export function loadEnvironmentOrExit(): LocalEnvironment {
  const result = loadEnvironment();
  if (!result.ok)
    exitWithProblems([...result.problems, 'Set variables in .env (see .env.example) or the environment.']);
  return result.environment;
}

/**
 * Prepares a process of the stack: afterwards `process.env` holds everything the real code reads.
 * Ends the process when the settings are wrong, the port is taken, or a helper cannot be had.
 */
export async function prepareProcess(source: 'http' | 'media', signal: AbortSignal): Promise<LocalProcess> {
  const environment = loadEnvironmentOrExit();
  const [variable, port] =
    source === 'http'
      ? (['PORT', environment.port] as const)
      : (['MEDIA_PORT', environment.mediaPort] as const);
  const busy = await explainBusyPort(
    variable,
    port,
    source === 'media' ? environment.variables['MEDIA_HOST'] : undefined,
  );
  if (busy) exitWithProblems([busy]);
  const output = takeStandardOutput(source, environment.dataDir);
  const alone = process.send === undefined;
  const onMoved = () => output.log('error', 'local.addresses-moved', { mend: 'start this process again' });
  try {
    const services = await joinServices(environment, { log: output.log, signal, onMoved });
    Object.assign(process.env, services.variables());
    // The HTTP side knows which media service it sends callers to; a media service only stands in for it.
    if (alone && (source === 'http' || !isStackDescribed(environment.dataDir))) {
      writeStackFile(environment.dataDir, describeStack(environment, services));
    }
    for (const warning of environment.warnings) output.log('warn', 'local.warning', { warning });
    return { environment, services, output, alone };
  } catch (error) {
    if (isCancelled(error)) process.exit(0);
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
