/** Loading a function in a fresh process, as a cold start does: the bundle that a stage gets. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundle } from '../../scripts/bundle.ts';

const runs = 9;

export interface ImportTime {
  readonly name: string;
  readonly kilobytes: number;
  readonly times: readonly number[];
}

export async function measureImports(names: readonly string[]): Promise<readonly ImportTime[]> {
  const dir = mkdtempSync(path.join(tmpdir(), 'bench-api-'));
  try {
    await bundle(dir);
    return names.map((name) => {
      const file = path.join(dir, 'functions', name, 'index.cjs');
      const script = `const at = performance.now(); await import(${JSON.stringify(file)}); process.stdout.write(String(performance.now() - at))`;
      const load = () =>
        Number(execFileSync(process.execPath, ['--input-type=module', '-e', script]).toString());
      return {
        name,
        kilobytes: Math.round(statSync(file).size / 1024),
        times: Array.from({ length: runs }, load),
      };
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
