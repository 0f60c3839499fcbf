/** `npm run call`: places a simulated call to the running center and shows what was said, heard, and spent. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { roleSchema, roles } from '#core/personas/role.ts';
import { stereoWav } from './audio/wav.ts';
import { findTarget } from './caller/call-target.ts';
import { makeCall } from './caller/caller.ts';
import { defaultScript, parsed, readScript, runTool, UsageError } from './caller/options.ts';
import { type PrintedCall, printEvent, printReport } from './caller/print-call.ts';
import { fetchRecord, findCostLines } from './caller/record.ts';
import type { CallReport } from './caller/report.ts';
import { createSynthesiser } from './speech/synthesiser.ts';

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

function readOptions() {
  const { values } = parsed(() =>
    parseArgs({
      options: {
        role: { type: 'string' },
        script: { type: 'string', default: defaultScript },
        from: { type: 'string', default: '+12025550100' },
        to: { type: 'string' },
        url: { type: 'string' },
        out: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }),
  );
  if (values.role !== undefined && !roleSchema.safeParse(values.role).success)
    throw new UsageError(`There is no role "${values.role}". Choose one of ${roles.join(', ')}.`);
  if (values.to !== undefined && !/^\+[1-9]\d{6,14}$/.test(values.to))
    throw new UsageError('--to takes a number in E.164, such as +12025550142.');
  return values;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options.help) {
    process.stdout.write(help);
    return 0;
  }
  const steps = readScript(options.script);
  const target = await findTarget(options.url);
  const synthesiser = await createSynthesiser({ cacheDir: path.join(target.dataDir, 'speech') });
  const hangUp = new AbortController();
  process.once('SIGINT', () => hangUp.abort());
  try {
    const role = options.role === undefined ? '' : `?role=${encodeURIComponent(options.role)}`;
    const report = await makeCall({
      phoneUrl: target.phoneUrl,
      voiceUrl: `${target.httpUrl}/call/incoming${role}`,
      statusCallback: `${target.httpUrl}/call/status`,
      from: options.from,
      to: options.to ?? target.number,
      steps,
      synthesiser,
      recogniserUrl: target.recogniserUrl,
      signal: hangUp.signal,
      onEvent: options.json ? undefined : (event) => console.log(printEvent(event)),
    });
    const { callSid = '' } = report;
    const call: PrintedCall = {
      report,
      record: await fetchRecord(target, callSid),
      costLines: await findCostLines(target.logFile, callSid),
      wavFile: saveRecording(options.out ?? path.join(target.dataDir, 'calls'), report),
    };
    console.log(options.json ? toJson(call) : printReport(call));
    return isGood(call) ? 0 : 1;
  } finally {
    await synthesiser.close();
    await target.close();
  }
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

await runTool(main);
