/**
 * `npm run bundle`: what a stage runs, in `dist/`. One small file per function, and one for the media service with what
 * it reads beside it. The same sources give the same bytes.
 */
import { copyFileSync, cpSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';
import { functionNames, functionSource } from '#lib/api/function-table.ts';

const root = path.resolve(import.meta.dirname, '..');
export const distDir = path.join(root, 'dist');
const require = createRequire(import.meta.url);

/** CommonJS parts of a bundle ask for Node's own modules by `require`, which an ES module does not have. */
const banner = `import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);`;

/** What `npm run audio:generate -- --out phrases` has recorded, where somebody has; else every phrase is spoken live. */
function copyRecordings(to: string): void {
  const recordings = path.join(root, 'phrases');
  if (existsSync(recordings)) cpSync(recordings, to, { recursive: true });
}

export interface BundleSize {
  readonly file: string;
  readonly bytes: number;
}

/** @returns what was written, largest first. Rejects when a source cannot be bundled. */
export async function bundle(outdir: string = distDir): Promise<readonly BundleSize[]> {
  rmSync(outdir, { recursive: true, force: true });
  const entryPoints = Object.fromEntries([
    ...functionNames.map((name) => [`functions/${name}/index`, path.join(root, functionSource(name))]),
    ['media/main', path.join(root, 'media-service/main.ts')],
  ]);
  const { metafile } = await build({
    entryPoints,
    outdir,
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    outExtension: { '.js': '.mjs' },
    mainFields: ['module', 'main'],
    banner: { js: banner },
    minify: true,
    keepNames: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  mkdirSync(path.join(outdir, 'media'), { recursive: true });
  copyFileSync(require.resolve('@echogarden/fvad-wasm/fvad.wasm'), path.join(outdir, 'media/fvad.wasm'));
  copyFileSync(path.join(root, 'Dockerfile'), path.join(outdir, 'media/Dockerfile'));
  copyRecordings(path.join(outdir, 'media/phrases'));
  // What each function is made of: which SDK calls it can make is read from here.
  const inputs = Object.fromEntries(
    Object.entries(metafile.outputs).map(([file, output]) => [
      path.relative(outdir, path.join(root, file)),
      Object.keys(output.inputs).sort(),
    ]),
  );
  writeFileSync(path.join(outdir, 'inputs.json'), `${JSON.stringify(inputs, null, 1)}\n`);
  return Object.keys(metafile.outputs)
    .map((file) => ({ file, bytes: statSync(path.join(root, file)).size }))
    .sort((a, b) => b.bytes - a.bytes);
}

if (import.meta.main) {
  for (const { file, bytes } of await bundle())
    process.stdout.write(`${String(Math.ceil(bytes / 1024)).padStart(6)} KB  ${file}\n`);
}
