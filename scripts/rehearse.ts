/** `npm run rehearse`: a call through what would be deployed, without an account. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CallReport, makeCall } from '#local/caller/caller.ts';
import { readScript } from '#local/caller/options.ts';
import { printEvent } from '#local/caller/print-call.ts';
import { fetchRecord } from '#local/caller/record.ts';
import { runCommand } from '#local/command-line.ts';
import { type RunningStage, runStage } from '#local/rehearsal/running-stage.ts';
import { createSynthesiser } from '#local/speech/synthesiser.ts';
import { bundle } from './bundle.ts';

const help = `Places a call through what a deploy would put into the account: functions from their built bundles with the
environment, time limits and permissions of their templates, routes and tables from the templates, the media service
from its image's files. Vendors are simulated.

  npm run rehearse -- [options]

  --stage NAME    default dev
  --script FILE   what the caller does, a file or a name from local/scripts; default question
  --help          this text

The exit code is 0 when the call was completed, every reply heard, its record and its one cost line written, every
other route answered, the scheduled jobs ran, nothing was asked that no role allows, and the task ended in time.
`;

/** What was looked at, and what is wrong with it: nothing, mostly. */
interface Finding {
  readonly what: string;
  readonly problem: string | undefined;
}

const finding = (what: string, problem: string | false | undefined): Finding => ({
  what,
  problem: problem === false ? undefined : problem,
});

/** By the command that deploys, too: it reads the app its own way. Rejects when that fails. */
async function synthesise(stage: string, outdir: string): Promise<void> {
  await bundle();
  // The rules are the business of "npm run synth".
  const argv = ['synth', '**', '--quiet', '--no-validation', '--output', outdir];
  const child = spawn('cdk', [...argv, '--context', `stage=${stage}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`The templates of ${stage} cannot be synthesised.`);
}

async function placeCall(running: RunningStage, script: string): Promise<CallReport> {
  const synthesiser = await createSynthesiser({});
  try {
    return await makeCall({
      phoneUrl: running.phoneUrl,
      voiceUrl: `${running.publicUrl}/call/incoming`,
      statusCallback: `${running.publicUrl}/call/status`,
      from: '+12025550100',
      to: running.number,
      steps: readScript(script),
      synthesiser,
      recogniserUrl: running.recogniserUrl,
      keepAudio: false,
      onEvent: (event) => console.log(printEvent(event)),
    });
  } finally {
    await synthesiser.close();
  }
}

async function checkCall(running: RunningStage, report: CallReport): Promise<readonly Finding[]> {
  const { callSid = '', status, repliesHeard, repliesExpected, ledger } = report;
  const record = await fetchRecord(running, callSid);
  const isSummary = (line: string) => line.includes('"cost.call.summary"') && line.includes(callSid);
  const summaries = running.output().split('\n').filter(isSummary).length;
  const violations = ledger.violations.map(({ code }) => code).join(', ');
  return [
    finding('the call', status !== 'completed' && `ended as ${status}`),
    finding('every reply', repliesHeard !== repliesExpected && `${repliesHeard} of ${repliesExpected} heard`),
    finding('the record', record?.costSummary === undefined && 'has no costs'),
    finding('the cost line', summaries !== 1 && `written ${summaries} times`),
    finding('Twilio', violations !== '' && `complains: ${violations}`),
  ];
}

/** Answers of routes with nothing to do: whatever is not our failure. */
async function checkRoutes({ parts, httpUrl, apiKey }: RunningStage): Promise<readonly Finding[]> {
  const variables: Readonly<Record<string, string>> = { role: 'parent', status: 'completed' };
  const findings: Finding[] = [];
  // One after the other: each is a cold start.
  for (const { method, path: route } of parts.routes) {
    const target = route.replaceAll(
      /\{(\w+)\}/g,
      (_, name: string) => variables[name] ?? `CA${'0'.repeat(32)}`,
    );
    const response = await fetch(`${httpUrl}${target}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}` },
    });
    await response.arrayBuffer();
    findings.push(finding(`${method} ${route}`, response.status >= 500 && `answers ${response.status}`));
  }
  return findings;
}

/** The canary asks the stage by its public name, which this machine does not have. */
const needsTheWorld = (name: string) => name.endsWith('-canary');

async function checkJobs({ parts, invoke }: RunningStage): Promise<readonly Finding[]> {
  const jobs = parts.scheduled.filter((name) => !needsTheWorld(name));
  return Promise.all(
    jobs.map(async (name) =>
      finding(
        name,
        await invoke(name, {}).then(
          () => undefined,
          (error: unknown) => String(error),
        ),
      ),
    ),
  );
}

async function checkVendors({ vendorUrls }: RunningStage): Promise<readonly Finding[]> {
  return Promise.all(
    vendorUrls.map(async (url, index) => {
      const response = await fetch(`${url}/_simulated/violations`);
      const violations = (await response.json()) as unknown[];
      return finding(
        index === 0 ? 'ElevenLabs' : 'Anthropic',
        violations.length > 0 && `complains ${violations.length} times`,
      );
    }),
  );
}

async function rehearse(running: RunningStage, script: string): Promise<readonly Finding[]> {
  const { functions, routes, tables, scheduled } = running.parts;
  console.log(
    `${functions.length} functions, ${routes.length} routes, ${tables.length} tables, ${scheduled.length} schedules, one task; a caller dials ${running.number}\n`,
  );
  const call = await checkCall(running, await placeCall(running, script));
  const rest = [
    ...(await checkRoutes(running)),
    ...(await checkJobs(running)),
    ...(await checkVendors(running)),
  ];
  const exit = await running.task.stop();
  const refused = running.gate.refused();
  return [
    ...call,
    ...rest,
    finding('the task on SIGTERM', exit !== 0 && `ended with ${exit}`),
    finding('permissions', refused.length > 0 && refused.join('; ')),
  ];
}

await runCommand({
  help,
  options: {
    stage: { type: 'string', default: 'dev' },
    script: { type: 'string', default: 'question' },
  },
  async run({ values }) {
    const outdir = mkdtempSync(path.join(tmpdir(), 'rehearsal-assembly-'));
    try {
      await synthesise(values.stage, outdir);
      const running = await runStage(values.stage, outdir);
      try {
        const findings = await rehearse(running, values.script);
        console.log('');
        for (const { what, problem } of findings)
          console.log(
            `${problem === undefined ? 'good ' : 'WRONG'}  ${what}${problem === undefined ? '' : `: ${problem}`}`,
          );
        const isGood = findings.every(({ problem }) => problem === undefined);
        if (!isGood) process.stderr.write(running.output());
        return isGood ? 0 : 1;
      } finally {
        await running.close();
      }
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  },
});
