/**
 * `npm run synth`: templates of the stages into `cdk.out/<stage>`, from fresh bundles. Needs no account, no Docker and
 * no network. Fails when a setting, a rule of AWS, or one of ours is broken.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createStageApp } from '#lib/app.ts';
import { stageNames } from '#lib/settings/index.ts';
import { bundle } from './bundle.ts';

const help = `Synthesises the stages' templates into cdk.out/<stage>.

  npm run synth -- [options]

  --stage NAME  one stage (${stageNames.join(', ')}); may be given several times. Default: all
  --all         all stages
  --help        this text
`;
const outDir = path.resolve(import.meta.dirname, '../cdk.out');

/** Of all templates: the same sources give the same. */
function digestOf(dir: string): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(dir)
    .filter((name) => name.endsWith('.template.json'))
    .sort())
    hash.update(file).update(readFileSync(path.join(dir, file)));
  return hash.digest('hex').slice(0, 16);
}

async function synthesise(stages: readonly string[]): Promise<void> {
  await bundle();
  for (const stage of stages) {
    const startedAtMs = performance.now();
    const outdir = path.join(outDir, stage);
    rmSync(outdir, { recursive: true, force: true });
    createStageApp(stage, { outdir }).app.synth();
    const secs = ((performance.now() - startedAtMs) / 1000).toFixed(1);
    process.stdout.write(`${stage.padEnd(6)} ${digestOf(outdir)}  ${secs} s  cdk.out/${stage}\n`);
    if (process.exitCode) return;
  }
}

const { values } = parseArgs({
  options: {
    stage: { type: 'string', multiple: true },
    all: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) process.stdout.write(help);
else
  await synthesise(values.stage === undefined || values.all ? stageNames : values.stage).catch(
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    },
  );
