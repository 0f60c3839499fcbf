/**
 * `npm run bundle`: what is deployed, in `dist/`. One folder a function (so that the hash of one does not change with
 * another), and one for the image of the media service with its Dockerfile.
 */
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, type Metafile } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');

/** What CommonJS packages inside an ES module still ask for. */
const banner = `import { createRequire as __createRequire } from 'node:module';
import { dirname as __pathDirname } from 'node:path';
import { fileURLToPath as __fileURLToPath } from 'node:url';
const require = __createRequire(import.meta.url);
const __filename = __fileURLToPath(import.meta.url);
const __dirname = __pathDirname(__filename);`;

const functionsOf = (kind: 'http' | 'jobs'): readonly string[] =>
  globSync(`lambdas/${kind}/*.ts`, { cwd: root }).filter((file) =>
    readFileSync(path.join(root, file), 'utf8').includes('export const handler'),
  );

/** @returns esbuild's account of what went into which file, by paths relative to the project. */
export async function bundle(outdir: string): Promise<Metafile> {
  rmSync(outdir, { recursive: true, force: true });
  const handlers = [...functionsOf('http'), ...functionsOf('jobs')].sort();
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: {
      ...Object.fromEntries(handlers.map((file) => [`functions/${path.basename(file, '.ts')}/index`, file])),
      'media-service/main': 'media-service/main.ts',
    },
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    mainFields: ['module', 'main'],
    minify: true,
    // Names of functions and classes are part of errors and logs.
    keepNames: true,
    legalComments: 'none',
    banner: { js: banner },
    metafile: true,
    logLevel: 'warning',
  });
  addMediaAssets(path.join(outdir, 'media-service'));
  return metafile;
}

/** The detector's module lies beside the bundle; recordings only where a folder of them was named. */
function addMediaAssets(folder: string): void {
  cpSync(path.join(root, 'node_modules/@echogarden/fvad-wasm/fvad.wasm'), path.join(folder, 'fvad.wasm'));
  cpSync(path.join(root, 'Dockerfile'), path.join(folder, 'Dockerfile'));
  const phrases = path.join(folder, 'phrases');
  mkdirSync(phrases);
  // A folder that is empty does not survive every copy.
  writeFileSync(path.join(phrases, '.keep'), '');
  const recordings = process.env['RECORDED_PHRASES_DIR'];
  if (recordings !== undefined && recordings !== '') cpSync(recordings, phrases, { recursive: true });
}

async function main(): Promise<void> {
  const outdir = path.join(root, 'dist');
  const { outputs } = await bundle(outdir);
  for (const [file, { bytes }] of Object.entries(outputs).sort())
    console.log(
      `${path.relative('dist', file).padEnd(44)} ${String(Math.ceil(bytes / 1024)).padStart(6)} KB`,
    );
}

if (import.meta.main) await main();
