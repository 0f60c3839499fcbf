/**
 * `npm run bundle`: what a stage runs, in `dist/`. One small file per function, and one for the media service with what
 * it reads beside it. The same sources give the same bytes.
 */
import { copyFileSync, cpSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { functionNames, functionSource } from '#lib/api/function-table.ts';

const root = path.resolve(import.meta.dirname, '..');
export const distDir = path.join(root, 'dist');
const require = createRequire(import.meta.url);

const shared: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  keepNames: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

/**
 * Functions are CommonJS: an ES module that imports `node:http` reads all that it exports, and so loads the whole of
 * Node's own fetch and WebSocket, which costs a cold start a quarter of its time.
 */
const functionOptions: BuildOptions = { ...shared, format: 'cjs', outExtension: { '.js': '.cjs' } };

const mediaOptions: BuildOptions = {
  ...shared,
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  // CommonJS parts of a bundle ask for Node's own modules by `require`, which an ES module does not have.
  banner: {
    js: `import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);`,
  },
};

/** What a function imports late is a file beside it, so that it is read only when it is needed. */
function lateFiles(found: Map<string, string>): Plugin {
  return {
    name: 'late-files',
    setup(building) {
      building.onResolve({ filter: /.*/ }, async ({ path: name, kind, resolveDir }) => {
        if (kind !== 'dynamic-import' || name.startsWith('node:')) return undefined;
        const { path: source } = await building.resolve(name, { kind: 'import-statement', resolveDir });
        const file = `./${lateName(name)}.cjs`;
        const before = found.get(file);
        if (before !== undefined && before !== source)
          return { errors: [{ text: `${before} and ${source} would both be ${file}` }] };
        found.set(file, source);
        return { path: file, external: true };
      });
    },
  };
}

const lateName = (name: string): string => path.basename(name).replace(/\.[jt]s$/, '');

/** @returns the files of the functions themselves. */
async function bundleFunctions(outdir: string): Promise<readonly string[]> {
  const entryPoints = Object.fromEntries(
    functionNames.map((name) => [`functions/${name}/index`, path.join(root, functionSource(name))]),
  );
  const late = new Map<string, string>();
  const { metafile } = await build({
    ...functionOptions,
    entryPoints,
    outdir,
    metafile: true,
    plugins: [lateFiles(late)],
  });
  const made = mkdtempSync(path.join(tmpdir(), 'late-files-'));
  try {
    const lateEntries = [...late].map(([file, source]) => [path.basename(file, '.cjs'), source]);
    await build({ ...functionOptions, entryPoints: Object.fromEntries(lateEntries), outdir: made });
    for (const [output, { imports }] of Object.entries(metafile.outputs))
      for (const { path: file } of imports.filter(({ path: one }) => late.has(one)))
        copyFileSync(path.join(made, file), path.resolve(root, path.dirname(output), file));
    return Object.keys(metafile.outputs);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

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
  const [functions, media] = await Promise.all([
    bundleFunctions(outdir),
    build({
      ...mediaOptions,
      entryPoints: { 'media/main': path.join(root, 'media-service/main.ts') },
      outdir,
      metafile: true,
    }),
  ]);
  copyFileSync(require.resolve('@echogarden/fvad-wasm/fvad.wasm'), path.join(outdir, 'media/fvad.wasm'));
  copyFileSync(path.join(root, 'Dockerfile'), path.join(outdir, 'media/Dockerfile'));
  copyRecordings(path.join(outdir, 'media/phrases'));
  return [...functions, ...Object.keys(media.metafile.outputs)]
    .map((file) => ({ file, bytes: statSync(path.join(root, file)).size }))
    .sort((a, b) => b.bytes - a.bytes);
}

if (import.meta.main) {
  for (const { file, bytes } of await bundle())
    process.stdout.write(`${String(Math.ceil(bytes / 1024)).padStart(6)} KB  ${file}\n`);
}
