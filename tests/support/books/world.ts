/** The whole center over real sockets: media services, the HTTP side, the database, and vendors that keep books. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTelemetry } from '#adapters/logging/telemetry.ts';
import { writeManifest, writeRecording } from '#adapters/recorded-phrases/phrase-folder.ts';
import { systemClock } from '#adapters/system-clock/clock.ts';
import { bytesPerMs } from '#core/audio/mulaw.ts';
import { allPhrases } from '#core/conversation/phrases.ts';
import { scopes } from '#core/http/routes.ts';
import { personaFor } from '#core/personas/index.ts';
import type { Role } from '#core/personas/role.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import { createCloseStaleCalls } from '#lambdas/jobs/close-stale-calls.ts';
import { createWire } from '#lambdas/wire.ts';
import { developmentAwsCredentials, developmentValues } from '#local/development-values.ts';
import { createSynthesiser, type Synthesiser } from '#local/speech/synthesiser.ts';
import { type SimulatedTwilio, startSimulatedTwilio } from '#local/twilio/exchange.ts';
import type { CalleeBehaviour } from '#local/twilio/scripted-callee.ts';
import type { SimulatedVendors } from '#local/vendors/start.ts';
import { startTestDatabase, type TestDatabase, tableNames } from '#tests/support/embedded-database.ts';
import { findFreePorts } from '#tests/support/free-ports.ts';
import { startTcpLoadBalancer } from '#tests/support/tcp-load-balancer.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { startHttpSide } from './http-side.ts';
import { numbers, person, phoneMap } from './plan.ts';
import type { VendorAddresses } from './vendor-books.ts';
import { startVendorsProcess, type VendorsOptions } from './vendors-process.ts';

export interface World {
  readonly twilio: SimulatedTwilio;
  readonly vendors: VendorAddresses;
  readonly httpUrl: string;
  readonly synthesiser: Synthesiser;
  readonly fleet: Fleet;
  readonly store: CallStore;
  /** People who can be called, by number; to be filled in before they are. */
  readonly callees: Record<string, CalleeBehaviour>;
  /** A key for the API; several, since each has its own limit. */
  apiKey(nth: number): string;
  /** The next fitting thing at a vendor fails. */
  fail(vendor: keyof VendorAddresses, fault: object): Promise<void>;
  /** Runs the stale-call job, so long after the end that nothing can be alive, until there is nothing to close. */
  closeStaleCalls(): Promise<void>;
  /** Lines of all processes. */
  lines(): readonly Record<string, unknown>[];
  stop(): Promise<void>;
}

export interface WorldOptions {
  readonly mediaServices: number;
  /** No greeting is spoken live: calls are shorter. */
  readonly recordedOnly?: boolean;
  readonly startDatabase?: () => Promise<TestDatabase>;
  /** Of the vendors; default as published. */
  readonly delays?: VendorsOptions['delays'];
}

/** Longer than any call counts as alive, and than a stale call takes to be noticed. */
const aheadMs = 10 * 60_000;
const keysCount = 10;
const callsPerSecond = 20;

const keyOf = (nth: number) => `books-key-${nth % keysCount}-0123456789abcdef`;
const apiKeys = Array.from({ length: keysCount }, (_, nth) => ({
  id: `books-${nth}`,
  sha256: createHash('sha256').update(keyOf(nth)).digest('hex'),
  scopes,
}));

/** A second of sound for everything that these say by heart; the others speak it live. */
const recordedRoles = ['parent', 'attorney', 'therapist'] as const;
const everyRole = [...recordedRoles, 'judge', 'kid_teen'] as const;
const phraseMs = 1_000;

function recordPhrases(folder: string, roles: readonly Role[]): void {
  mkdirSync(folder, { recursive: true });
  const audio = new Uint8Array(phraseMs * bytesPerMs).fill(0x55);
  const phrases = roles.flatMap((role) => {
    const persona = personaFor(role);
    return allPhrases(persona).map(({ text }) => writeRecording(folder, persona.voice, text, audio));
  });
  const once = [...new Map(phrases.map((phrase) => [JSON.stringify(phrase), phrase])).values()];
  writeManifest(folder, { version: 1, model: 'eleven_flash_v2_5', phrases: once });
}

interface Addresses {
  readonly dataDir: string;
  readonly ports: readonly [http: number, media: number];
  readonly database: string;
  readonly vendors: SimulatedVendors['urls'];
  readonly twilio: string;
  readonly balancerPort: number;
}

function environmentOf({ dataDir, ports, database, vendors, twilio, balancerPort }: Addresses) {
  return {
    ...developmentValues,
    ...developmentAwsCredentials,
    DATA_DIR: dataDir,
    PORT: String(ports[0]),
    MEDIA_PORT: String(ports[1]),
    PUBLIC_BASE_URL: `http://127.0.0.1:${ports[0]}`,
    MEDIA_BASE_URL: `ws://127.0.0.1:${balancerPort}`,
    AWS_ENDPOINT_URL_DYNAMODB: database,
    CALLS_TABLE: tableNames.calls,
    COSTS_TABLE: tableNames.costs,
    LIMITS_TABLE: tableNames.limits,
    CONSENTS_TABLE: tableNames.consents,
    ELEVENLABS_BASE_URL: vendors.elevenlabs ?? '',
    ANTHROPIC_BASE_URL: vendors.anthropic ?? '',
    MCP_URL: vendors.mcp ?? '',
    TWILIO_API_BASE_URL: twilio,
    TWILIO_PHONE_NUMBER: numbers.usual,
    INBOUND_PHONE_MAP: JSON.stringify(phoneMap),
    API_KEYS: JSON.stringify(apiKeys),
    RECORDED_PHRASES_DIR: path.join(dataDir, 'phrases'),
    DRAIN_GRACE_MS: '1500',
    DRAIN_GOODBYE_MS: '15000',
  };
}

export async function startWorld(options: WorldOptions): Promise<World> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'books-'));
  const stops: (() => unknown)[] = [() => rmSync(dataDir, { recursive: true, force: true })];
  const stop = async () => {
    for (const end of stops.reverse()) await end();
  };
  const held = async <T>(starting: Promise<T>, end: (started: T) => unknown) => {
    const started = await starting;
    stops.push(() => end(started));
    return started;
  };
  try {
    return await start(options, { dataDir, held, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Starting {
  readonly dataDir: string;
  readonly held: <T>(starting: Promise<T>, end: (started: T) => unknown) => Promise<T>;
  readonly stop: () => Promise<void>;
}

async function start(options: WorldOptions, { dataDir, held, stop }: Starting): Promise<World> {
  const { delays, startDatabase = startTestDatabase } = options;
  const callees: Record<string, CalleeBehaviour> = {
    [person.answers]: { does: 'answer', afterMs: 400, talksMs: 2_500 },
    [person.busy]: { does: 'decline', afterMs: 400 },
  };
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken } = developmentValues;
  const [ports, database, vendors, twilio, balancer, synthesiser] = await Promise.all([
    findFreePorts(2) as Promise<unknown> as Promise<[number, number]>,
    held(startDatabase(), (started) => started.close()),
    held(startVendorsProcess({ dataDir, ...(delays === undefined ? {} : { delays }) }), (one) => one.close()),
    held(startSimulatedTwilio({ accountSid, authToken, callees, callsPerSecond }), (one) => one.close()),
    held(startTcpLoadBalancer(), (started) => started.close()),
    held(createSynthesiser({ cacheDir: path.join(dataDir, 'speech') }), (started) => started.close()),
  ]);
  const env = environmentOf({
    dataDir,
    ports,
    database: database.url,
    vendors: vendors.urls,
    twilio: twilio.url,
    balancerPort: balancer.port,
  });
  recordPhrases(env.RECORDED_PHRASES_DIR, options.recordedOnly === true ? everyRole : recordedRoles);
  const fleet = await held(Promise.resolve(createFleet(balancer, env)), (one) => one.stop());
  const [http] = await Promise.all([
    held(startHttpSide(env), (started) => started.stop()),
    fleet.grow(options.mediaServices),
  ]);
  const jobLines: Record<string, unknown>[] = [];
  const load = servicesAhead(env, jobLines);
  const urls = { anthropic: vendors.urls.anthropic ?? '', elevenlabs: vendors.urls.elevenlabs ?? '' };
  return {
    twilio,
    vendors: urls,
    httpUrl: env.PUBLIC_BASE_URL,
    synthesiser,
    fleet,
    store: (await load()).store,
    callees,
    apiKey: keyOf,
    async fail(vendor, fault) {
      const answer = await fetch(`${urls[vendor]}/_simulated/faults`, {
        method: 'POST',
        body: JSON.stringify(fault),
      });
      if (!answer.ok)
        throw new Error(`The simulated vendor does not know this fault: ${await answer.text()}`);
    },
    closeStaleCalls: () => closeStale(load),
    lines: () => [...fleet.lines(), ...http.lines(), ...jobLines],
    stop,
  };
}

/** The functions' own services, on a clock that is ahead. */
function servicesAhead(env: Readonly<Record<string, string>>, lines: Record<string, unknown>[]) {
  const wired = createWire(async () => env);
  const clock = { ...systemClock, now: () => new Date(Date.now() + aheadMs) };
  return async () => {
    const services = await wired();
    const telemetry = createTelemetry({
      service: 'api',
      stage: 'local',
      version: 'books',
      minLevel: 'info',
      clock,
      write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    });
    return { ...services, clock, telemetry };
  };
}

async function closeStale(load: ReturnType<typeof servicesAhead>): Promise<void> {
  const job = createCloseStaleCalls(load);
  for (;;) {
    const { closed } = (await job({}, {} as never)) as { readonly closed: number };
    if (closed === 0) return;
  }
}
