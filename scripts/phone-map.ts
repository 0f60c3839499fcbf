/** `npm run phone-map`: which number of a stage is answered in which role. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { createReadParameters } from '#adapters/ssm/read-parameters.ts';
import { writeParameter } from '#adapters/ssm/write-parameter.ts';
import { phoneMap } from '#lib/secrets/manifest.ts';
import { valueBytesMax } from '#lib/secrets/shapes.ts';
import { runCommand, UsageError, type ValuesOf } from '#local/command-line.ts';
import { openParameterStore, regionOf, stageOf, stageOptions } from './stage/stage-options.ts';

const help = `The inbound phone map of a stage: {"+12025550142":{"role":"judge","voice":"…","transferTo":"+1…"}}

  npm run phone-map -- show     --stage dev               prints the map
  npm run phone-map -- edit     --stage dev               opens $EDITOR and puts what was saved
  npm run phone-map -- put      --stage dev < map.json    puts standard input
  npm run phone-map -- validate [map.json]                says what is wrong with a file or standard input; asks nobody

  --region R   the stage's region; default: that of lib/settings

Functions read a changed map within five minutes; nothing has to be deployed.
`;

type Options = ValuesOf<typeof stageOptions>;

/** @returns the map on one line, as it is kept. Throws `UsageError` with everything that is wrong. */
function normalised(json: string): string {
  const checked = phoneMap.schema.safeParse(json);
  if (!checked.success) {
    const problems = checked.error.issues.map(
      ({ path: at, message }) => `${at.join('.') || 'the map'}: ${message}`,
    );
    throw new UsageError(`The phone map is not right:\n  ${problems.join('\n  ')}`);
  }
  const line = JSON.stringify(JSON.parse(json));
  if (Buffer.byteLength(line) > valueBytesMax)
    throw new UsageError(
      `The phone map has more than ${valueBytesMax} bytes, which a parameter cannot hold.`,
    );
  return line;
}

const pretty = (json: string) => `${JSON.stringify(JSON.parse(json), undefined, 2)}\n`;

function openStore({ region }: Options, stage: string) {
  const client = openParameterStore(regionOf(region, stage), process.env);
  const name = phoneMap.parameterName(stage);
  const { type, description } = phoneMap;
  return {
    read: async () => (await createReadParameters(client)([name])).get(name)?.value,
    async write(value: string) {
      const version = await writeParameter(client, { name, value, type, description });
      console.log(`${name} is version ${version} now.`);
    },
  };
}

/** Throws `UsageError` when the editor fails. The file stays where it is when the map in it is not right. */
function editText(before: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'phone-map-'));
  const file = path.join(folder, 'phone-map.json');
  writeFileSync(file, before, { mode: 0o600 });
  const editor = process.env['VISUAL'] || process.env['EDITOR'] || 'vi';
  // An editor may come with arguments ("code --wait"): the shell tells them apart.
  const { status } = spawnSync('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' });
  if (status !== 0) throw new UsageError(`${editor} ended with ${status}; nothing was put.`);
  const after = readFileSync(file, 'utf8');
  try {
    normalised(after);
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nYour text is kept in ${file}; nothing was put.`);
  }
  rmSync(folder, { recursive: true });
  return after;
}

async function edit(options: Options): Promise<number> {
  const store = openStore(options, stageOf(options.stage));
  const before = normalised((await store.read()) ?? '{}');
  const after = normalised(editText(pretty(before)));
  if (after === before) console.log('Nothing was changed.');
  else await store.write(after);
  return 0;
}

await runCommand({
  help,
  options: stageOptions,
  actions: ['show', 'edit', 'put', 'validate'],
  async run({ action, words: [file], values }) {
    switch (action) {
      case 'validate':
        normalised(file === undefined ? await text(process.stdin) : readFileSync(file, 'utf8'));
        console.log('The phone map is right.');
        return 0;
      case 'show':
        process.stdout.write(pretty((await openStore(values, stageOf(values.stage)).read()) ?? '{}'));
        return 0;
      case 'put':
        await openStore(values, stageOf(values.stage)).write(normalised(await text(process.stdin)));
        return 0;
      case 'edit':
        return edit(values);
    }
  },
});
