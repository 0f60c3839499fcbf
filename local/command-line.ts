/** What every command of this project shares: options and `--help`, and an end with a clear word and an exit code. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** A person has to change something; the message says what. Ends a command with 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

type Options = NonNullable<ParseArgsConfig['options']>;

/** What `parseArgs` makes of these options. */
export type ValuesOf<O extends Options> = ReturnType<typeof parseArgs<{ options: O }>>['values'];

export interface Command<O extends Options, A extends string> {
  /** What `--help` prints. */
  readonly help: string;
  /** Without `--help`, which every command has. */
  readonly options: O;
  /** The first word says which; a command without actions takes no words. */
  readonly actions?: readonly A[];
  /** @returns the exit code. */
  readonly run: (asked: {
    readonly values: ValuesOf<O>;
    readonly action: A;
    /** Those behind the action. */
    readonly words: readonly string[];
  }) => Promise<number>;
}

const helpOption = { help: { type: 'boolean', short: 'h', default: false } } as const;
const exitCodes = { done: 0, failed: 1, misused: 2 } as const;

/** Runs a command. Never rejects: a failure ends with one readable message. */
export async function runCommand<const O extends Options, const A extends string = never>(
  command: Command<O, A>,
): Promise<void> {
  try {
    process.exitCode = await carryOut(command);
  } catch (error) {
    const readable = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${readable}\n`);
    process.exitCode = error instanceof UsageError ? exitCodes.misused : exitCodes.failed;
  }
}

async function carryOut<O extends Options, A extends string>(command: Command<O, A>): Promise<number> {
  const { help, options, run } = command;
  const actions: readonly A[] = command.actions ?? [];
  const { values, positionals } = parsed({ ...options, ...helpOption }, actions.length > 0);
  const [word, ...words] = positionals;
  const isLost = actions.length > 0 && word === undefined;
  if (values['help'] === true || isLost) {
    process.stdout.write(help);
    return isLost && values['help'] !== true ? exitCodes.misused : exitCodes.done;
  }
  const action = actions.find((known) => known === word);
  if (word !== undefined && action === undefined)
    throw new UsageError(`"${word}" is not known: ${inWords(actions)} (--help shows how).`);
  return run({ values: values as ValuesOf<O>, action: action as A, words });
}

/** Throws `UsageError` in place of the argument parser's own error. */
function parsed(options: Options, allowPositionals: boolean) {
  try {
    return parseArgs({ options, allowPositionals });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new UsageError(`${reason} (--help shows what can be said)`);
  }
}

const inWords = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
