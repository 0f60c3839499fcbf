import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type JoinedDaemon, joinDaemon } from '#local/daemons/daemon.ts';
import { daemonFile, isAlive, readDaemonFile, writeJsonFile } from '#local/daemons/daemon-file.ts';

const script = path.join(import.meta.dirname, 'trivial-daemon.ts');
const client = path.join(import.meta.dirname, 'client.ts');
/** Far longer than any step takes; only a failure waits for it. */
const patienceMs = 10_000;

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  while (!holds()) {
    if (performance.now() > deadlineMs) assert.fail(`Never came true: ${what}`);
    await delay(10);
  }
}

describe('A daemon on demand', () => {
  const folders: string[] = [];
  const children: ChildProcess[] = [];
  const joins: JoinedDaemon[] = [];
  before(() => {
    process.env['DAEMON_IDLE_MS'] = '400';
  });
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(joins.map((joined) => joined.release()));
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  const makeFolder = () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'daemon-'));
    folders.push(folder);
    return folder;
  };
  const join = async (dataDir: string, env: Record<string, string> = {}, timeoutMs = patienceMs) => {
    const joined = await joinDaemon({ name: 'trivial', script, dataDir, env, timeoutMs });
    joins.push(joined);
    return joined;
  };
  const startClient = async (dataDir: string) => {
    const child = spawn(process.execPath, [client, script, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const [line] = await once(child.stdout, 'data');
    return { child, daemonPid: Number(String(line)) };
  };
  const diary = (dataDir: string) => readFileSync(path.join(dataDir, 'diary'), 'utf8').trim().split('\n');

  it('is started once for clients that ask at the same moment, and ends cleanly with the last of them', async () => {
    const dataDir = makeFolder();

    const joined = await Promise.all([join(dataDir), join(dataDir), join(dataDir)]);
    const pid = joined[0]?.info.pid as number;
    const pids = new Set(joined.map(({ info }) => info.pid));
    await joined[0]?.release();
    await joined[1]?.release();
    const aliveForTheLast = isAlive(pid);
    await joined[2]?.release();
    await until('the daemon has ended', () => !isAlive(pid));

    assert.equal(pids.size, 1);
    assert.equal(aliveForTheLast, true);
    assert.deepEqual(diary(dataDir), [`start ${pid}`, `close ${pid}`]);
    assert.equal(readDaemonFile(daemonFile(dataDir, 'trivial')), undefined);
  });

  it('is started once for two processes that race', async () => {
    const dataDir = makeFolder();

    const [one, other] = await Promise.all([startClient(dataDir), startClient(dataDir)]);

    assert.equal(one.daemonPid, other.daemonPid);
    assert.deepEqual(diary(dataDir), [`start ${one.daemonPid}`]);
  });

  it('outlives a client that is killed and comes back at once, and ends when it does not come back', async () => {
    const dataDir = makeFolder();
    const first = await startClient(dataDir);

    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    const second = await join(dataDir);
    const third = await startClient(dataDir);
    await second.release();
    third.child.kill('SIGKILL');
    await until('the daemon has ended', () => !isAlive(first.daemonPid));

    assert.equal(second.info.pid, first.daemonPid);
    assert.equal(third.daemonPid, first.daemonPid);
    assert.deepEqual(diary(dataDir), [`start ${first.daemonPid}`, `close ${first.daemonPid}`]);
  });

  it('is replaced when it was killed, and the new one learns where the old one was', async () => {
    const dataDir = makeFolder();
    const first = await join(dataDir);

    process.kill(first.info.pid, 'SIGKILL');
    await first.lost;
    const second = await join(dataDir);

    assert.notEqual(second.info.pid, first.info.pid);
    assert.equal(second.info.addresses['previous'], first.info.addresses['url']);
  });

  it('is not confused by a file and a lock that a dead process left behind', async () => {
    const dataDir = makeFolder();
    const gone = spawn(process.execPath, ['-e', '']);
    await once(gone, 'exit');
    const file = daemonFile(dataDir, 'trivial');
    writeJsonFile(file, { name: 'trivial', pid: gone.pid, leasePort: 1, fingerprint: '', addresses: {} });
    writeFileSync(`${file}.lock`, `${gone.pid} left-behind`);

    const joined = await join(dataDir);

    assert.equal(isAlive(joined.info.pid), true);
  });

  it('is not shared with a client that needs other settings while somebody uses it', async () => {
    const dataDir = makeFolder();
    await join(dataDir, { TRIVIAL_COLOUR: 'red' });

    const refused = join(dataDir, { TRIVIAL_COLOUR: 'blue' }, 200);

    await assert.rejects(refused, /other settings.*DATA_DIR/);
  });

  it('says why it could not start', async () => {
    const dataDir = makeFolder();

    const refused = join(dataDir, { TRIVIAL_PROBLEM: 'no room on this disk' }, 100);

    await assert.rejects(refused, /no room on this disk/);
  });

  it('says why its script could not even run', async () => {
    const dataDir = makeFolder();
    const broken = path.join(dataDir, 'broken.mjs');
    writeFileSync(broken, "import './missing.mjs';");

    const refused = joinDaemon({ name: 'trivial', script: broken, dataDir, env: {}, timeoutMs: 100 });

    await assert.rejects(refused, /Cannot find module/);
  });
});
