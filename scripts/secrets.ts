/** `npm run secrets`: what a stage needs to be told in secret, put and checked. */
import { randomBytes } from 'node:crypto';
import { createReadParameters } from '#adapters/ssm/read-parameters.ts';
import { writeParameter } from '#adapters/ssm/write-parameter.ts';
import { parameters, type SecretSpec, secrets } from '#lib/secrets/manifest.ts';
import { valueBytesMax } from '#lib/secrets/shapes.ts';
import { runCommand, UsageError, type ValuesOf } from '#local/command-line.ts';
import { problemsOf } from './stage/check-parameters.ts';
import { checkStage } from './stage/check-stage.ts';
import { readSecret } from './stage/read-secret.ts';
import { openParameterStore, regionOf, stageOf, stageOptions } from './stage/stage-options.ts';

const help = `The secrets of a stage, kept in the parameter store of AWS Systems Manager.

  npm run secrets -- list  --stage dev            what there is to put, and who reads it
  npm run secrets -- check --stage dev            what is missing, malformed or stale; exit code 1 unless all can be used
  npm run secrets -- put   --stage dev <name>     asks for the value, or reads it from standard input

  --region R   the stage's region; default: that of lib/settings
  --generate   put: a random value that nobody sees, for secrets that are only ours
  --replace    put: also where changing the value loses something (the manifest says what)

A value is never an argument and is never printed. Functions read a changed value within five minutes; tasks read
it when they start, and the next npm run deploy replaces them for it.
`;

/** 33 bytes are 44 characters of base64 without padding. */
const generatedBytes = 33;
const generated = new Set(['stream_token_secret', 'phone_hash_key', 'cursor_secret', 'cron_secret']);

const options = {
  ...stageOptions,
  generate: { type: 'boolean', default: false },
  replace: { type: 'boolean', default: false },
} as const;
type Options = ValuesOf<typeof options>;

function list(stage: string): number {
  for (const spec of parameters) {
    const { media, functions } = spec.readers;
    const readers = [
      ...(media ? ['the media service'] : []),
      ...(functions === 'all' ? ['every function'] : functions),
    ];
    const often = spec.rotate.everyDays === null ? 'when needed' : `every ${spec.rotate.everyDays} days`;
    console.log(
      `${spec.id}${spec.optional ? ' (optional)' : ''}\n  ${spec.description}\n  ${spec.parameterName(stage)} -> ${spec.variable}\n  read by ${readers.join(', ') || 'nobody yet'}\n  changed ${often}: ${spec.rotate.how}\n`,
    );
  }
  return 0;
}

async function check(stage: string, { region }: Options): Promise<number> {
  const complete = await checkStage(stage, regionOf(region, stage), process.env, (line) => console.log(line));
  return complete ? 0 : 1;
}

/** A value that is given away as an argument stands in the shell's history and in the list of processes. */
function specToPut([id, ...more]: readonly string[]): SecretSpec {
  const names = secrets.map((spec) => spec.id).join(', ');
  if (more.length > 0)
    throw new UsageError('The value is never an argument: it is asked for, or read from standard input.');
  const spec = secrets.find((one) => one.id === id);
  if (spec) return spec;
  throw new UsageError(`Say which secret, one of ${names}. The phone map: npm run phone-map.`);
}

async function valueFor(spec: SecretSpec, { generate }: Options): Promise<string> {
  if (!generate) return readSecret(`${spec.id} (not shown): `, process);
  if (!generated.has(spec.id)) throw new UsageError(`${spec.id} is given by somebody else: put it yourself.`);
  return randomBytes(generatedBytes).toString('base64url');
}

async function put(stage: string, words: readonly string[], options: Options): Promise<number> {
  const spec = specToPut(words);
  const client = openParameterStore(regionOf(options.region, stage), process.env);
  const name = spec.parameterName(stage);
  if (spec.id === 'phone_hash_key' && !options.replace) {
    const before = await createReadParameters(client)([name]);
    if (before.has(name))
      throw new UsageError(`${name} is there already. ${spec.rotate.how} If that is meant: --replace.`);
  }
  const value = await valueFor(spec, options);
  const tooLong = Buffer.byteLength(value) > valueBytesMax ? [`has more than ${valueBytesMax} bytes`] : [];
  const problems = [...problemsOf(spec, value), ...tooLong];
  if (problems.length > 0) throw new UsageError(`Nothing was put: ${spec.id} ${problems.join('; ')}.`);
  const { type, description } = spec;
  const version = await writeParameter(client, { name, value, type, description });
  console.log(`${name} is version ${version} now.`);
  return 0;
}

await runCommand({
  help,
  options,
  actions: ['list', 'check', 'put'],
  async run({ action, words, values }) {
    const stage = stageOf(values.stage);
    if (action === 'list') return list(stage);
    if (action === 'check') return check(stage, values);
    return put(stage, words, values);
  },
});
