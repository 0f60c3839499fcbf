/** `npm run call`: places a simulated call to the running stack and shows what was said, heard, and spent. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { stereoWav } from './audio/wav.ts';
import { findTarget } from './caller/call-target.ts';
import { type CallReport, makeCall } from './caller/caller.ts';
import { printEvent, printReport } from './caller/print-call.ts';
import { type CallRecordAnswer, fetchRecord } from './caller/record.ts';
import { parseScript, type Step } from './caller/script.ts';
import { createSynthesiser } from './speech/synthesiser.ts';

const help = `Places a simulated phone call to the center that "npm start" runs.

  npm run call -- [options]

  --role ROLE     who answers (parent, attorney, kid_teen, …); default: the center's own
  --script FILE   what the caller does; default local/scripts/three-turns.call
                  others there: interrupt, tool, hesitation, silent, keypad, crisis
  --from NUMBER   the caller's number, E.164 or "anonymous"; default +12025550100
  --to NUMBER     the number dialled; default the center's
  --url URL       address of the HTTP API; default the running center's
  --out DIR       where the recording goes; default $DATA_DIR/calls
  --json          one JSON document on standard output instead of text
  --help          this text

A script has one step a line: say "…", wait 2s, wait for reply, interrupt after 1.2s "…", cough 300ms, dtmf 0, hang up.`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      role: { type: 'string' },
      script: { type: 'string', default: 'local/scripts/three-turns.call' },
      from: { type: 'string', default: '+12025550100' },
      to: { type: 'string' },
      url: { type: 'string' },
      out: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}

function readScript(file: string): readonly Step[] {
  const parsed = parseScript(readFileSync(file, 'utf8'));
  if (!parsed.ok) throw new Error(`${file}:\n  ${parsed.problems.join('\n  ')}`);
  return parsed.steps;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options.help) {
    console.log(help);
    return 0;
  }
  const dataDir = process.env['DATA_DIR'] ?? '.local';
  const steps = readScript(options.script);
  const target = await findTarget({ dataDir, url: options.url });
  const synthesiser = await createSynthesiser({ cacheDir: path.join(dataDir, 'speech') });
  try {
    const role = options.role === undefined ? '' : `?role=${encodeURIComponent(options.role)}`;
    const report = await makeCall({
      phoneUrl: target.phoneUrl,
      voiceUrl: `${target.httpUrl}/call/incoming${role}`,
      from: options.from,
      to: options.to ?? target.number,
      steps,
      synthesiser,
      recogniserUrl: target.recogniserUrl,
      ...(options.json ? {} : { onEvent: (event) => console.log(printEvent(event)) }),
    });
    const record = report.callSid === undefined ? undefined : await fetchRecord(target, report.callSid);
    const wavFile = saveRecording(options.out ?? path.join(dataDir, 'calls'), report);
    console.log(options.json ? toJson(report, record, wavFile) : printReport(report, record, wavFile));
    return report.status === 'completed' && record?.costSummary !== undefined ? 0 : 1;
  } finally {
    await synthesiser.close();
    await target.close();
  }
}

function saveRecording(directory: string, report: CallReport): string {
  mkdirSync(directory, { recursive: true });
  const file = path.join(directory, `${report.callSid ?? 'call'}.wav`);
  writeFileSync(file, stereoWav(report.spoken, report.heard));
  return file;
}

function toJson(report: CallReport, record: CallRecordAnswer | undefined, wavFile: string): string {
  const { spoken: _spoken, heard: _heard, ...rest } = report;
  return JSON.stringify({ ...rest, record, wavFile }, undefined, 2);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
