/** `npm run bench:conversation`: measures what a caller notices and writes docs/benchmarks/conversation.md. */
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measureBargeIns } from './barge-ins.ts';
import { measureCrisis } from './crisis.ts';
import { measurePatience } from './hesitations.ts';
import { measureLatency } from './latency.ts';
import { measureOwnShare } from './own-share.ts';
import { type Measured, writeReport } from './report.ts';
import { measureSilences } from './silence.ts';

const help = `Measures the conversation engine with every vendor at its published delay, and writes the report.

  npm run bench:conversation -- [options]

  --quick   a tenth of everything, for a look; the report is printed and not written
  --help    this text
`;

/** Behind the spoken word, milliseconds: nobody publishes how fast a recogniser shows words, so three are measured. */
const interimDelaysMs = [75, 100, 150] as const;
const endpointsMs = [300, 400, 500, 600, 700, 800, 1_000, 1_200] as const;
const draftsMax = 3;
const reportDir = path.resolve(import.meta.dirname, '../../docs/benchmarks');

const step = (name: string) => process.stderr.write(`${name} …\n`);

async function measure(scale: number): Promise<Measured> {
  step('Response latency');
  const turns = 200 * scale;
  const latency = [];
  for (const interimDelayMs of interimDelaysMs)
    latency.push({
      interimDelayMs,
      ahead: await measureLatency(turns, draftsMax, interimDelayMs),
      afterwards: await measureLatency(turns, 0, interimDelayMs),
    });
  step('Our own share, on real time');
  const ownShare = [];
  for (const calls of [1, 50]) ownShare.push(await measureOwnShare(Math.ceil(calls * scale), 4));
  step('Barge-ins');
  const bargeIns = await measureBargeIns(1_000 * scale, 250);
  step('Hesitations');
  const patience = [];
  for (const endpointMs of endpointsMs)
    patience.push(await measurePatience({ endpointMs }, { utterances: 200 * scale, pauseMs: 900 }));
  step('Silences');
  const silences = await measureSilences(200 * scale);
  step('Words of danger');
  const crisis = await measureCrisis(100 * scale);
  return { latency, ownShare, bargeIns, patience, silences, crisis };
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) process.stdout.write(help);
else {
  const startedAtMs = performance.now();
  const measured = await measure(values.quick ? 0.1 : 1);
  const secs = Math.round((performance.now() - startedAtMs) / 1000);
  const machine = `${os.availableParallelism()} cores (${os.cpus()[0]?.model.trim() ?? 'unknown'}), Node ${process.version}`;
  const { markdown, pictures } = writeReport(measured, { machine, secs });
  if (values.quick) process.stdout.write(markdown);
  else {
    mkdirSync(reportDir, { recursive: true });
    writeFileSync(path.join(reportDir, 'conversation.md'), markdown);
    for (const [name, svg] of Object.entries(pictures)) writeFileSync(path.join(reportDir, name), svg);
    process.stdout.write(`Written: docs/benchmarks/conversation.md (${secs} s)\n`);
  }
}
