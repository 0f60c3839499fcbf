/** A deploy takes a task away while fifty callers talk to it: in whatever order it happens, nobody is cut silently. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createStreamTokens } from '#adapters/crypto/stream-tokens.ts';
import { writeManifest, writeRecording } from '#adapters/recorded-phrases/phrase-folder.ts';
import { bytesPerMs } from '#core/audio/mulaw.ts';
import { allPhrases } from '#core/conversation/phrases.ts';
import { personaFor } from '#core/personas/index.ts';
import { developmentAwsCredentials, developmentValues } from '#local/development-values.ts';
import { type SimulatedVendors, startSimulatedVendors } from '#local/vendors/start.ts';
import { newCallSid } from '#tests/support/calls.ts';
import { startTestDatabase, type TestDatabase, tableNames } from '#tests/support/embedded-database.ts';
import { type MediaTask, startMediaTask } from '#tests/support/media-task.ts';
import { eventually } from '#tests/support/running-stack.ts';
import {
  createStreamCallers,
  type StreamCaller,
  type StreamCallers,
  type StreamEnding,
} from '#tests/support/stream-caller.ts';
import { startTcpLoadBalancer, type TcpLoadBalancer } from '#tests/support/tcp-load-balancer.ts';

const streams = 50;
/** Callers that say goodbye by themselves while the task is being taken away. */
const leaving = 25;
const stragglers = 3;
const heardInTimeMs = 20_000;
/** Fargate's 120 s, at the scale of this test. */
const stopTimeoutMs = 25_000;
const role = 'attorney';
const secret = 'a stream secret for this test';

/** Everything that is said is one second of sound. */
const phraseMs = 1_000;

let database: TestDatabase;
let vendors: SimulatedVendors;
let balancer: TcpLoadBalancer;
let callers: StreamCallers;
let dataDir: string;
let tasks: readonly MediaTask[] = [];

before(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'deploy-'));
  database = await startTestDatabase();
  vendors = await startSimulatedVendors({
    elevenlabs: true,
    anthropic: true,
    apiKeys: {
      elevenlabs: developmentValues.ELEVENLABS_API_KEY,
      anthropic: developmentValues.ANTHROPIC_API_KEY,
    },
    dataDir,
  });
  recordPhrases();
  balancer = await startTcpLoadBalancer();
  const url = `ws://127.0.0.1:${balancer.port}/call/stream`;
  callers = createStreamCallers(url, developmentValues.TWILIO_AUTH_TOKEN);
  tasks = await Promise.all([
    startTask({ CALL_MAX_SECS: '5', DRAIN_GRACE_MS: '10000' }),
    startTask({ DRAIN_ACCEPT_MS: '1000', DRAIN_GRACE_MS: '500', DRAIN_GOODBYE_MS: '20000' }),
    startTask({}),
  ]);
});

after(async () => {
  callers?.close();
  for (const task of tasks) task.kill();
  await Promise.allSettled([balancer?.close(), vendors?.close(), database?.close()]);
  rmSync(dataDir, { recursive: true, force: true });
});

function recordPhrases(): void {
  const persona = personaFor(role);
  const audio = new Uint8Array(phraseMs * bytesPerMs).fill(0x55);
  const phrases = allPhrases(persona).map(({ text }) => writeRecording(dataDir, persona.voice, text, audio));
  writeManifest(dataDir, { version: 1, model: 'eleven_flash_v2_5', phrases });
}

function startTask(settings: Readonly<Record<string, string>>): Promise<MediaTask> {
  const { ELEVENLABS_API_KEY, ANTHROPIC_API_KEY, TWILIO_AUTH_TOKEN } = developmentValues;
  return startMediaTask({
    ELEVENLABS_API_KEY,
    ANTHROPIC_API_KEY,
    TWILIO_AUTH_TOKEN,
    STREAM_TOKEN_SECRET: secret,
    RECORDED_PHRASES_DIR: dataDir,
    MEDIA_BASE_URL: `ws://127.0.0.1:${balancer.port}`,
    ELEVENLABS_BASE_URL: vendors.urls.elevenlabs ?? '',
    ANTHROPIC_BASE_URL: vendors.urls.anthropic ?? '',
    AWS_ENDPOINT_URL_DYNAMODB: database.url,
    ...developmentAwsCredentials,
    CALLS_TABLE: tableNames.calls,
    LIMITS_TABLE: tableNames.limits,
    COSTS_TABLE: tableNames.costs,
    ...settings,
  });
}

/** From here on new streams come to it. */
function serve(name: string, task: MediaTask | undefined): MediaTask {
  assert.ok(task);
  balancer.register(name, task.port);
  return task;
}

const tokens = createStreamTokens({ secrets: [secret] });

function call(): StreamCaller {
  const callSid = newCallSid();
  const token = tokens.issue({
    callSid,
    role,
    direction: 'inbound',
    callerHash: 'hash',
    callerMasked: '+1******0100',
    nonce: callSid,
    expiresAt: Math.ceil(Date.now() / 1000) + 60,
  });
  return callers.call({ callSid, token });
}

const callMany = (count: number) => Array.from({ length: count }, call);

/** The whole greeting, to its last frame. */
async function untilAllAreGreeted(some: readonly StreamCaller[]): Promise<void> {
  const all = () => (some.every((one) => one.heardMs() >= phraseMs) ? true : undefined);
  await eventually(all, heardInTimeMs);
}

/** Spread, as people are. */
async function hangUpOneByOne(some: readonly StreamCaller[]): Promise<void> {
  for (const one of some) {
    one.hangUp();
    await delay(20);
  }
}

const endingsOf = (some: readonly StreamCaller[]): Promise<readonly StreamEnding[]> =>
  Promise.all(some.map(({ ended }) => ended));

/** Every stream ended with a close frame, and what was said on it had been heard to its end. */
function assertNobodyWasCut(endings: readonly StreamEnding[]): void {
  assert.deepEqual(
    endings.filter(({ code }) => code === 1006),
    [],
  );
  assert.deepEqual(
    endings.filter(({ byCaller, unheardMs }) => !byCaller && unheardMs > 20),
    [],
  );
}

function outcomes(task: MediaTask, of: readonly StreamCaller[]): readonly unknown[] {
  const ended = task.lines().filter((line) => line['msg'] === 'call.ended');
  return of.map(({ callSid }) => ended.find((line) => line['callSid'] === callSid)?.['outcome']);
}

const summaries = (task: MediaTask) =>
  task.lines().filter((line) => line['msg'] === 'cost.call.summary').length;

describe('A task that is replaced while fifty callers talk to it', { concurrency: false }, () => {
  test('is deregistered first: every call comes to its own end, and the idle task goes at once', async () => {
    const first = serve('first', tasks[0]);
    const talking = callMany(streams);
    await untilAllAreGreeted(talking);
    serve('second', tasks[1]);

    const unused = balancer.deregister('first', { delayMs: 60_000, stragglers });
    const late = callMany(stragglers);
    await untilAllAreGreeted(late);
    const [fresh] = callMany(1);
    await Promise.all([hangUpOneByOne(talking.slice(0, leaving)), untilAllAreGreeted(fresh ? [fresh] : [])]);
    const endings = await endingsOf([...talking, ...late]);
    const outcome = await unused;
    const stopped = await first.stop(stopTimeoutMs);

    assertNobodyWasCut(endings);
    assert.equal(outcome, 'unused');
    assert.deepEqual(stopped, { code: 0, killed: false });
    const wrappedUp = outcomes(first, [...talking.slice(leaving), ...late]);
    assert.deepEqual(new Set(wrappedUp), new Set(['max-duration']));
    assert.equal(summaries(first), streams + stragglers);
    assert.equal(balancer.given('second'), 1);
    fresh?.hangUp();
  });

  test('is told to stop first: new calls are still taken, and who stays hears a goodbye', async () => {
    const second = tasks[1];
    assert.ok(second);
    const talking = callMany(streams);
    await untilAllAreGreeted(talking);
    serve('third', tasks[2]);

    const stopping = second.stop(stopTimeoutMs);
    const heardBefore = new Map(talking.map((one) => [one, one.heardMs()]));
    await eventually(
      () => (second.lines().some((line) => line['msg'] === 'drain.started') ? true : undefined),
      5_000,
    );
    const unused = balancer.deregister('second', { delayMs: 60_000, stragglers });
    const late = callMany(stragglers);
    await untilAllAreGreeted(late);
    const [fresh] = callMany(1);
    await Promise.all([hangUpOneByOne(talking.slice(0, leaving)), untilAllAreGreeted(fresh ? [fresh] : [])]);
    const stayed = [...talking.slice(leaving), ...late];
    const endings = await endingsOf([...talking, ...late]);
    const [stopped, outcome] = await Promise.all([stopping, unused]);

    assertNobodyWasCut(endings);
    assert.deepEqual(stopped, { code: 0, killed: false });
    assert.equal(outcome, 'unused');
    assert.deepEqual(new Set(outcomes(second, stayed)), new Set(['drained']));
    assert.ok(stayed.every((one) => one.heardMs() > (heardBefore.get(one) ?? 0) + phraseMs / 2));
    assert.equal(balancer.given('third'), 1);
    fresh?.hangUp();
  });
});
