/** `npm run call`: places a simulated call to the running center and shows what was said, heard, and spent. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { roleSchema, roles } from '#core/personas/role.ts';
import { stereoWav } from './audio/wav.ts';
import { makeCall } from './caller/caller.ts';
import { defaultScript } from './caller/options.ts';
import { type PrintedCall, printEvent, printReport } from './caller/print-call.ts';
import { fetchRecord, findCostLines } from './caller/record.ts';
import type { CallReport } from './caller/report.ts';
import { withCallers } from './caller/with-callers.ts';
import { runCommand, UsageError, type ValuesOf } from './command-line.ts';

const help = `Places a simulated phone call to the center that "npm start" runs.

  npm run call -- [options]

  --role ROLE     who answers: ${roles.join(', ')}
                  default: the center's own choice
  --script FILE   what the caller does, a file or a name from local/scripts: three-turns (default),
                  interrupt, question, hesitation, silent, keypad, crisis, cough
  --from NUMBER   the caller's number, E.164 or a word such as anonymous; default +12025550100
  --to NUMBER     the number dialled; default the center's
  --url URL       address of the HTTP API; default PUBLIC_BASE_URL, else the running center's
  --out DIR       where the recording goes; default $DATA_DIR/calls
  --json          one JSON document on standard output instead of text
  --help          this text

Ctrl-C hangs up. The exit code is 0 when the call was completed, every reply was heard and its costs are known.

A script has one step a line:
  say "I need help."         wait for reply         interrupt after 1.2s "Wait, stop."
  dtmf 0                     wait for silence 3s    cough 400ms
  hang up                    wait 2s                # a comment
`;

const options = {
  role: { type: 'string' },
  script: { type: 'string', default: defaultScript },
  from: { type: 'string', default: '+12025550100' },
  to: { type: 'string' },
  url: { type: 'string' },
  out: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;
type Options = ValuesOf<typeof options>;

/** Throws `UsageError`. */
function check(values: Options): void {
  if (values.role !== undefined && !roleSchema.safeParse(values.role).success)
    throw new UsageError(`There is no role "${values.role}". Choose one of ${roles.join(', ')}.`);
  if (values.to !== undefined && !/^\+[1-9]\d{6,14}$/.test(values.to))
    throw new UsageError('--to takes a number in E.164, such as +12025550142.');
}

async function call(values: Options): Promise<number> {
  check(values);
  return withCallers(values, async ({ steps, target, synthesiser, signal }) => {
    const role = values.role === undefined ? '' : `?role=${encodeURIComponent(values.role)}`;
    const report = await makeCall({
      phoneUrl: target.phoneUrl,
      voiceUrl: `${target.httpUrl}/call/incoming${role}`,
      statusCallback: `${target.httpUrl}/call/status`,
      from: values.from,
      to: values.to ?? target.number,
      steps,
      synthesiser,
      recogniserUrl: target.recogniserUrl,
      signal,
      onEvent: values.json ? undefined : (event) => console.log(printEvent(event)),
    });
    const { callSid = '' } = report;
    const call: PrintedCall = {
      report,
      record: await fetchRecord(target, callSid),
      costLines: await findCostLines(target.logFile, callSid),
      wavFile: saveRecording(values.out ?? path.join(target.dataDir, 'calls'), report),
    };
    console.log(values.json ? toJson(call) : printReport(call));
    return isGood(call) ? 0 : 1;
  });
}

const isGood = ({ report, record }: PrintedCall): boolean =>
  report.status === 'completed' &&
  report.repliesHeard === report.repliesExpected &&
  record?.costSummary !== undefined;

function saveRecording(directory: string, { callSid, spoken, heard }: CallReport): string {
  mkdirSync(directory, { recursive: true });
  const file = path.resolve(directory, `${callSid ?? 'call'}.wav`);
  writeFileSync(file, stereoWav(spoken, heard));
  return file;
}

function toJson({ report, record, costLines, wavFile }: PrintedCall): string {
  const { spoken: _spoken, heard: _heard, ...rest } = report;
  const parsedLines = costLines.map((line): unknown => JSON.parse(line));
  return JSON.stringify({ ...rest, record, costLines: parsedLines, wavFile }, undefined, 2);
}

await runCommand({ help, options, run: ({ values }) => call(values) });
