import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { settingProblemExitCode } from '#local/processes/ports.ts';
import { superviseChild } from '#local/processes/supervised-child.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'children-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function writeScript(name: string, source: string): string {
  const script = path.join(folder, `${name}.mjs`);
  writeFileSync(script, source);
  return script;
}

/** Starts a script; each thing that happens to it can be awaited once, in order. */
function supervise(script: string) {
  const lines: string[] = [];
  const givenUp = Promise.withResolvers<string>();
  const restarted = Promise.withResolvers<number>();
  const twoLines = Promise.withResolvers<void>();
  const oneLine = Promise.withResolvers<void>();
  const child = superviseChild({
    name: 'test',
    script,
    env: () => process.env,
    onLine: (line) => {
      lines.push(line);
      oneLine.resolve();
      if (lines.length === 2) twoLines.resolve();
    },
    onStart: () => undefined,
    onRestart: ({ delayMs }) => restarted.resolve(delayMs),
    onGivenUp: givenUp.resolve,
  });
  return {
    child,
    lines,
    givenUp: givenUp.promise,
    restarted: restarted.promise,
    oneLine: oneLine.promise,
    twoLines: twoLines.promise,
  };
}

const living = 'console.log(JSON.stringify({ pid: process.pid })); setInterval(() => {}, 1000);';

describe('A supervised process', () => {
  it('is started again when it is killed', async () => {
    const subject = supervise(writeScript('living', living));
    await subject.oneLine;
    subject.child.declareReady();

    process.kill(subject.child.pid as number, 'SIGKILL');
    const delayMs = await subject.restarted;
    await subject.twoLines;
    await subject.child.stop(1_000);

    assert.equal(delayMs, 1_000);
    assert.notEqual(subject.lines[0], subject.lines[1]);
    assert.equal(subject.child.pid, undefined);
  });

  it('is given up when it dies before it was ever ready', async () => {
    const subject = supervise(writeScript('failing', 'console.error("no config"); process.exit(3);'));

    const exit = await subject.givenUp;

    assert.equal(exit, 'code 3');
    assert.deepEqual(subject.lines, ['no config']);
  });

  it('is given up when its settings are wrong, also after it was ready', async () => {
    const script = writeScript('mistaken', `process.exit(${settingProblemExitCode});`);
    const subject = supervise(script);
    subject.child.declareReady();

    assert.equal(await subject.givenUp, `code ${settingProblemExitCode}`);
  });

  it('is killed when it does not stop in time', async () => {
    const stubborn = `process.on('SIGTERM', () => {}); ${living}`;
    const subject = supervise(writeScript('stubborn', stubborn));
    await subject.oneLine;
    const pid = subject.child.pid as number;

    await subject.child.stop(50);

    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  });

  it('ends with its supervisor when that is killed', async () => {
    const watch = path.resolve(import.meta.dirname, '../../../local/processes/parent-watch.ts');
    const supervise_ = path.resolve(import.meta.dirname, '../../../local/processes/supervised-child.ts');
    const child = writeScript(
      'child',
      `import { watchParent } from ${JSON.stringify(watch)};
      watchParent(() => process.exit(0)); ${living}`,
    );
    const parent = writeScript(
      'parent',
      `import { superviseChild } from ${JSON.stringify(supervise_)};
      superviseChild({ name: 'x', script: ${JSON.stringify(child)}, env: () => process.env,
        onLine: (line) => console.log(line), onStart() {}, onRestart() {}, onGivenUp() {} });`,
    );
    const subject = supervise(parent);
    await subject.oneLine;
    const grandchild = JSON.parse(subject.lines[0] ?? '').pid as number;

    await subject.child.stop(0);

    const deadlineMs = performance.now() + 10_000;
    const isAlive = () => {
      try {
        return process.kill(grandchild, 0);
      } catch {
        return false;
      }
    };
    while (isAlive() && performance.now() < deadlineMs)
      await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(isAlive(), false);
  });
});
