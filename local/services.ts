/** What the HTTP side and the media service of a local stack lean on: each vendor, simulated or not, and its address. */
import path from 'node:path';
import { type JoinedDaemon, joinDaemon } from './daemons/daemon.ts';
import { makeTables } from './database/make-tables.ts';
import type { LocalEnvironment, Vendor } from './environment.ts';
import type { Log } from './logs/output.ts';

/** A daemon that dies this often is broken; the calls on it are lost either way. */
const rejoinsMax = 5;

export interface Services {
  /** The whole environment of the two processes, addresses of simulated vendors included. */
  variables(): Readonly<Record<string, string>>;
  /** Where a simulated caller dials; undefined when Twilio is not simulated. */
  phoneUrl(): string | undefined;
  /** Lets the helpers go, which end when nobody else holds them. */
  release(): Promise<void>;
}

export interface ServicesOptions {
  readonly log: Log;
  readonly signal: AbortSignal;
  /** A helper died and its successor answers elsewhere: `variables()` has changed. */
  readonly onMoved: () => void;
}

type DaemonName = 'database' | 'vendors' | 'twilio';

/** Which variable each address of a daemon goes into. */
const variableOf: Record<DaemonName, Readonly<Record<string, string>>> = {
  database: { url: 'AWS_ENDPOINT_URL_DYNAMODB' },
  vendors: { elevenlabs: 'ELEVENLABS_BASE_URL', anthropic: 'ANTHROPIC_BASE_URL', mcp: 'MCP_URL' },
  twilio: { url: 'TWILIO_API_BASE_URL' },
};

/** The settings each daemon depends on; another value means another daemon. */
const settingsOf: Record<DaemonName, readonly string[]> = {
  database: ['CALLS_TABLE', 'COSTS_TABLE', 'LIMITS_TABLE', 'CONSENTS_TABLE'],
  vendors: ['ANTHROPIC_API_KEY', 'ELEVENLABS_API_KEY'],
  twilio: ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_PHONE_NUMBER'],
};

const simulates: Record<DaemonName, readonly Vendor[]> = {
  database: ['dynamodb'],
  vendors: ['elevenlabs', 'anthropic', 'mcp'],
  twilio: ['twilio'],
};

function neededDaemons(environment: LocalEnvironment): DaemonName[] {
  const isSimulated = (vendor: Vendor) => environment.vendors[vendor].mode === 'simulated';
  return (Object.keys(simulates) as DaemonName[]).filter((name) => simulates[name].some(isSimulated));
}

/** Joins every helper this environment needs. Throws `Error` with the reason when one cannot be had. */
export async function joinServices(
  environment: LocalEnvironment,
  options: ServicesOptions,
): Promise<Services> {
  const joined = new Map<DaemonName, JoinedDaemon>();
  const join = async (name: DaemonName) => {
    const daemon = await joinDaemon({
      name,
      script: path.join(import.meta.dirname, 'daemons', `${name}.ts`),
      dataDir: environment.dataDir,
      env: pick(environment.variables, settingsOf[name]),
      signal: options.signal,
    });
    joined.set(name, daemon);
    return daemon;
  };

  const keep = async (name: DaemonName, daemon: JoinedDaemon) => {
    let current = daemon;
    for (let rejoins = 0; rejoins < rejoinsMax; rejoins += 1) {
      await current.lost;
      options.log('warn', 'local.helper-lost', { helper: name });
      const before = JSON.stringify(current.info.addresses);
      current = await join(name);
      const moved = JSON.stringify(current.info.addresses) !== before;
      options.log('info', 'local.helper-back', { helper: name, moved });
      if (moved) options.onMoved();
    }
  };

  const outcomes = await Promise.allSettled(neededDaemons(environment).map(join));
  const release = async () => {
    await Promise.all([...joined.values()].map((daemon) => daemon.release()));
  };
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure) {
    await release();
    throw failure.reason;
  }
  for (const [name, daemon] of joined) {
    keep(name, daemon).catch((error: unknown) => {
      if (!options.signal.aborted)
        options.log('error', 'local.helper-gone', { helper: name, error: String(error) });
    });
  }
  const database = environment.vendors.dynamodb;
  if (database.mode === 'given' && !isAws(database.url))
    await makeTables(database.url, environment.variables);
  return {
    variables: () => ({ ...environment.variables, ...addressVariables(environment, joined) }),
    phoneUrl: () => joined.get('twilio')?.info.addresses['phoneUrl'],
    release,
  };
}

/** Tables are made at stand-ins only. */
const isAws = (url: string) => new URL(url).hostname.endsWith('.amazonaws.com');

/** Only what was not given: one daemon stands in for several vendors, some of which may be real. */
function addressVariables(
  environment: LocalEnvironment,
  joined: ReadonlyMap<DaemonName, JoinedDaemon>,
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, daemon] of joined) {
    for (const [key, variable] of Object.entries(variableOf[name])) {
      const vendor = name === 'vendors' ? (key as Vendor) : simulates[name][0];
      const address = daemon.info.addresses[key];
      if (vendor && address && environment.vendors[vendor].mode === 'simulated')
        variables[variable] = address;
    }
  }
  return variables;
}

function pick(from: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])));
}
