/**
 * `npm run synth [-- --stage dev]`: the templates of one stage or of all, checked, without credentials, Docker or
 * network, in `cdk.out/<stage>`. Each is made twice and must be the same to the byte.
 */
import { createHash } from 'node:crypto';
import { globSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createApp } from '#lib/app.ts';
import { settingsOf, stageNames } from '#lib/settings/index.ts';

const root = path.resolve(import.meta.dirname, '..');

function synthesise(stage: string, folder: string): ReadonlyMap<string, string> {
  rmSync(folder, { recursive: true, force: true });
  createApp({ settings: settingsOf(stage), outdir: folder }).synth();
  const files = globSync('*.{template,assets}.json', { cwd: folder }).sort();
  return new Map(
    files.map((file) => [
      file,
      createHash('sha256')
        .update(readFileSync(path.join(folder, file)))
        .digest('hex'),
    ]),
  );
}

/** @returns what differs between two synths. */
function differences(
  first: ReadonlyMap<string, string>,
  second: ReadonlyMap<string, string>,
): readonly string[] {
  const files = new Set([...first.keys(), ...second.keys()]);
  return [...files].filter((file) => first.get(file) !== second.get(file));
}

function main(): void {
  const { values } = parseArgs({ options: { all: { type: 'boolean' }, stage: { type: 'string' } } });
  const stages = values.stage === undefined ? stageNames : [values.stage];
  for (const stage of stages) {
    const folder = path.join(root, 'cdk.out', stage);
    const first = synthesise(stage, folder);
    const differing = differences(first, synthesise(stage, folder));
    if (process.exitCode !== undefined && process.exitCode !== 0) return;
    if (differing.length > 0) {
      console.error(`${stage}: two synths differ in ${differing.join(', ')}`);
      process.exitCode = 1;
      return;
    }
    console.log(`${stage.padEnd(6)} ${first.size} files in ${path.relative(root, folder)}, twice the same`);
  }
}

main();
