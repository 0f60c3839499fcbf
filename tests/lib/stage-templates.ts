/** The templates of the example stages, made once per process from stand-ins for the bundles. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { functionNames } from '#lib/api/function-table.ts';
import { createStageApp } from '#lib/app.ts';
import { stageNames } from '#lib/settings/index.ts';
import { type StackPart, stackName } from '#lib/stage-stack.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

export interface StackTemplate {
  readonly Resources: Readonly<Record<string, Resource>>;
}

export const stackParts: readonly StackPart[] = ['data', 'media', 'api', 'monitoring'];

export type StageTemplates = Readonly<Record<StackPart, StackTemplate>>;

/** Enough for a synth: it looks at the hash of a bundle, not into it. */
function writeBundles(folder: string): void {
  for (const name of functionNames) {
    mkdirSync(path.join(folder, 'functions', name), { recursive: true });
    writeFileSync(path.join(folder, 'functions', name, 'index.cjs'), `// ${name}\n`);
  }
  mkdirSync(path.join(folder, 'media'));
  writeFileSync(path.join(folder, 'media', 'Dockerfile'), 'FROM scratch\n');
}

export function synthesiseStage(stage: string): StageTemplates {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'voice-templates-'));
  try {
    const bundleDir = path.join(folder, 'dist');
    writeBundles(bundleDir);
    const outdir = path.join(folder, 'cdk.out');
    createStageApp(stage, { bundleDir, outdir, validate: false }).app.synth();
    const templates = stackParts.map((part) => {
      const text = readFileSync(path.join(outdir, `${stackName(stage, part)}.template.json`), 'utf8');
      return [part, JSON.parse(text) as StackTemplate] as const;
    });
    return Object.fromEntries(templates) as StageTemplates;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const templatesOf: Readonly<Record<string, StageTemplates>> = Object.fromEntries(
  stageNames.map((stage) => [stage, synthesiseStage(stage)]),
);

export function resourcesOf(
  template: StackTemplate,
  type: string,
): readonly (readonly [string, Resource['Properties']])[] {
  return Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, { Properties = {} }]) => [id, Properties]);
}

/** The only resource of its type. */
export function resourceOf(template: StackTemplate, type: string): Readonly<Record<string, unknown>> {
  const [first, ...more] = resourcesOf(template, type);
  if (first === undefined || more.length > 0) throw new Error(`There is not exactly one ${type}`);
  return first[1];
}
