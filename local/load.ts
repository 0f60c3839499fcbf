/** `npm run load`: many simulated calls at once against the running center. */
import { setTimeout as delay } from 'node:timers/promises';
import { makeCall } from './caller/caller.ts';
import { type LoadOutcome, printSummary, summarise } from './caller/load-summary.ts';
import { defaultScript } from './caller/options.ts';
import { fetchRecord } from './caller/record.ts';
import { type Callers, withCallers } from './caller/with-callers.ts';
import { runCommand, UsageError, type ValuesOf } from './command-line.ts';

const help = `Places many simulated calls at once to the center that "npm start" runs.

  npm run load -- [options]

  --calls N       calls at once; default 50
  --ramp TIME     time over which they are placed, such as 5s or 500ms; default 5s
  --script FILE   what every caller does, a file or a name from local/scripts; default three-turns
  --url URL       address of the HTTP API; default PUBLIC_BASE_URL, else the running center's
  --json          one JSON document on standard output instead of text
  --help          this text

The exit code is 0 when every call was completed, every reply heard, every cost known, and Twilio had nothing to say.
`;

/** One process speaks for all callers; beyond this its own work would be what is measured. */
const callsMax = 2_000;
const progressEveryMs = 1_000;

const options = {
  calls: { type: 'string', default: '50' },
  ramp: { type: 'string', default: '5s' },
  script: { type: 'string', default: defaultScript },
  url: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;
type Options = ValuesOf<typeof options>;

/** Throws `UsageError`. */
function amountOf(values: Options): Pick<Load, 'calls' | 'rampMs'> {
  const calls = Number(values.calls);
  if (!Number.isInteger(calls) || calls < 1 || calls > callsMax)
    throw new UsageError(`--calls takes a whole number from 1 to ${callsMax}.`);
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(values.ramp) ?? [];
  if (amount === undefined) throw new UsageError('--ramp takes a time such as 5s or 500ms.');
  return { calls, rampMs: Number(amount) * (unit === 's' ? 1000 : 1) };
}

interface Load extends Callers {
  readonly calls: number;
  readonly rampMs: number;
}

/** How many are under way, for whoever waits. */
interface Progress {
  placed: number;
  over: number;
  repliesHeard: number;
}

async function placeOne(load: Load, index: number, progress: Progress): Promise<LoadOutcome> {
  const { target, signal } = load;
  await delay((index / load.calls) * load.rampMs, undefined, { signal }).catch(() => undefined);
  if (signal.aborted) return { hasCost: false, error: 'not placed' };
  progress.placed += 1;
  try {
    const report = await makeCall({
      phoneUrl: target.phoneUrl,
      voiceUrl: `${target.httpUrl}/call/incoming`,
      statusCallback: `${target.httpUrl}/call/status`,
      // Numbers of fiction: 555-01xx first, then on through the exchange code.
      from: `+1202555${String((100 + index) % 10_000).padStart(4, '0')}`,
      to: target.number,
      steps: load.steps,
      synthesiser: load.synthesiser,
      recogniserUrl: target.recogniserUrl,
      keepAudio: false,
      signal,
      onEvent: ({ who, what }) => {
        if (who === 'assistant' && what === 'ends') progress.repliesHeard += 1;
      },
    });
    const record = await fetchRecord(target, report.callSid ?? '');
    return { report, hasCost: record?.costSummary !== undefined };
  } catch (error) {
    return { hasCost: false, error: error instanceof Error ? error.message : String(error) };
  } finally {
    progress.over += 1;
  }
}

/** Speaks every text once beforehand, so that no caller waits for a voice. */
async function rehearse({ steps, synthesiser }: Load): Promise<void> {
  for (const step of steps) if ('text' in step) await synthesiser.speak(step.text);
}

async function placeAll(load: Load): Promise<readonly LoadOutcome[]> {
  const progress: Progress = { placed: 0, over: 0, repliesHeard: 0 };
  const startedAtMs = performance.now();
  const show = () => {
    const secs = Math.round((performance.now() - startedAtMs) / 1000);
    const { placed, over, repliesHeard } = progress;
    process.stderr.write(
      `${String(secs).padStart(4)} s  ${placed} placed, ${placed - over} going on, ${over} over, ${repliesHeard} replies heard\n`,
    );
  };
  const timer = setInterval(show, progressEveryMs);
  try {
    return await Promise.all(
      Array.from({ length: load.calls }, (_, index) => placeOne(load, index, progress)),
    );
  } finally {
    clearInterval(timer);
    show();
  }
}

await runCommand({
  help,
  options,
  run: ({ values }) => {
    const amount = amountOf(values);
    return withCallers(values, async (callers) => {
      const load = { ...amount, ...callers };
      await rehearse(load);
      const summary = summarise(await placeAll(load));
      console.log(values.json ? JSON.stringify(summary, undefined, 2) : printSummary(summary));
      return summary.good ? 0 : 1;
    });
  },
});
