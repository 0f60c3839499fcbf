/** From what was measured to the report: tables, pictures, and each figure beside its target. */
import { defaultConversationSettings } from '#core/conversation/settings.ts';
import { drawChart } from '../support/chart.ts';
import { percent, percentile, shareOf } from '../support/statistics.ts';
import type { BargeInRun } from './barge-ins.ts';
import type { CrisisRun } from './crisis.ts';
import type { Patience } from './hesitations.ts';
import { type LatencyRun, publishedDelays } from './latency.ts';
import type { OwnShareRun } from './own-share.ts';
import { faults, type Silence } from './silence.ts';

export interface LatencyPair {
  readonly interimDelayMs: number;
  /** Replies begun on words that may still change. */
  readonly ahead: LatencyRun;
  /** Replies begun on final words only. */
  readonly afterwards: LatencyRun;
}

export interface Measured {
  readonly latency: readonly LatencyPair[];
  readonly ownShare: readonly OwnShareRun[];
  readonly bargeIns: BargeInRun;
  readonly patience: readonly Patience[];
  readonly silences: readonly Silence[];
  readonly crisis: CrisisRun;
}

export interface Report {
  readonly markdown: string;
  /** File name to SVG. */
  readonly pictures: Readonly<Record<string, string>>;
}

const targets = {
  latencyP50Ms: 600,
  latencyP95Ms: 900,
  ownP50Ms: 5,
  ownP99Ms: 20,
  stopMs: 250,
  silenceMs: 3_000,
} as const;

const ms = (value: number) => `${Math.round(value)} ms`;
const row = (...cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly string[]) =>
  [row(...head), row(...head.map(() => '---')), ...rows].join('\n');
const verdict = (holds: boolean) => (holds ? 'reached' : '**missed**');

function latencySection(pairs: readonly LatencyPair[]): string {
  const rows = pairs.flatMap(({ interimDelayMs, ahead, afterwards }) =>
    (
      [
        ['thinking ahead', ahead],
        ['final words only', afterwards],
      ] as const
    ).map(([name, run]) =>
      row(
        `${interimDelayMs} ms`,
        name,
        ms(percentile(run.latenciesMs, 0.5)),
        ms(percentile(run.latenciesMs, 0.95)),
        percent(run.discarded / run.requests),
        run.wastedTokens,
        `$${run.modelUsd.toFixed(4)}`,
      ),
    ),
  );
  const p50s = pairs.map(({ ahead }) => percentile(ahead.latenciesMs, 0.5));
  const p95s = pairs.map(({ ahead }) => percentile(ahead.latenciesMs, 0.95));
  const slowest = pairs.at(-1)?.interimDelayMs ?? 0;
  const floorMs = slowest + publishedDelays.firstTokenMs + publishedDelays.firstAudioMs;
  const reached = pairs.filter((_, i) => (p50s[i] ?? Number.NaN) <= targets.latencyP50Ms);
  return `## Response latency

From the caller's last sound to the first sound of the answer, over ${pairs[0]?.ahead.latenciesMs.length ?? 0} turns each. Vendors at their published
delays: final words ${publishedDelays.recogniserMs} ms after the commit, the model's first token ${publishedDelays.firstTokenMs} ms, first audio ${publishedDelays.firstAudioMs} ms; ${defaultConversationSettings.endpointAfterSentenceMs} ms of silence end
a sentence. How far behind the voice a recogniser shows its words is not published, so three delays are measured.

${table(
  ['Words shown behind the voice', 'Replies', 'p50', 'p95', 'discarded', 'wasted tokens', 'model cost'],
  rows,
)}

Targets: p50 ≤ ${targets.latencyP50Ms} ms ${verdict(reached.length === pairs.length)}${reached.length < pairs.length && reached.length > 0 ? ` (reached where words are shown within ${reached.map(({ interimDelayMs }) => interimDelayMs).at(-1)} ms)` : ''}, p95 ≤ ${targets.latencyP95Ms} ms ${verdict(p95s.every((p95) => p95 <= targets.latencyP95Ms))}.
With words shown ${slowest} ms behind the voice no system that answers what was said can begin before
${slowest} + ${publishedDelays.firstTokenMs} + ${publishedDelays.firstAudioMs} = ${floorMs} ms: the endpoint and the wait for final words are hidden entirely, and what is
left is the vendors' own time. One turn in thirty-three has final words that differ from those shown; its first
reply is dropped and counted as discarded.

![Response latency](conversation-latency.svg)
`;
}

function latencyPicture(pairs: readonly LatencyPair[]): string {
  const curve = (run: LatencyRun): readonly (readonly [number, number])[] =>
    Array.from({ length: 101 }, (_, i) => [percentile(run.latenciesMs, i / 100), i] as const);
  const slowest = pairs.at(-1);
  const quickest = pairs[0];
  return drawChart({
    title: 'Response latency: share of answers begun within a time',
    xLabel: "milliseconds after the caller's last sound",
    yLabel: '% of turns',
    xTargets: [targets.latencyP50Ms, targets.latencyP95Ms],
    series: [
      ...(quickest
        ? [
            {
              name: `thinking ahead, words ${quickest.interimDelayMs} ms behind`,
              points: curve(quickest.ahead),
            },
          ]
        : []),
      ...(slowest
        ? [
            {
              name: `thinking ahead, words ${slowest.interimDelayMs} ms behind`,
              points: curve(slowest.ahead),
            },
            { name: 'final words only', points: curve(slowest.afterwards) },
          ]
        : []),
    ],
  });
}

function ownSection(runs: readonly OwnShareRun[]): string {
  const rows = runs.map(({ calls, ownMs }) =>
    row(
      calls,
      ownMs.length,
      `${percentile(ownMs, 0.5).toFixed(2)} ms`,
      `${percentile(ownMs, 0.99).toFixed(2)} ms`,
      `${percentile(ownMs, 1).toFixed(2)} ms`,
    ),
  );
  const holds = runs.every(
    ({ ownMs }) => percentile(ownMs, 0.5) <= targets.ownP50Ms && percentile(ownMs, 0.99) <= targets.ownP99Ms,
  );
  return `## Our own share

On real time, callers, vendors and calls in one process: the sum of the time from words shown to the request for an answer,
from words written (or confirmed) to the request for speech, and from audio received to audio sent.

${table(['Calls at once', 'turns', 'p50', 'p99', 'longest'], rows)}

Targets: p50 ≤ ${targets.ownP50Ms} ms and p99 ≤ ${targets.ownP99Ms} ms ${verdict(holds)}.
`;
}

function bargeInSection({ interruptions, sounds }: BargeInRun): string {
  const stops = interruptions.flatMap(({ stoppedAfterMs }) =>
    stoppedAfterMs === undefined ? [] : [stoppedAfterMs],
  );
  const exact = shareOf(interruptions, ({ wordsOff }) => wordsOff <= 1);
  const prompt = shareOf(stops, (stop) => stop <= targets.stopMs);
  const rows = (['backchannel', 'noise'] as const).map((kind) => {
    const some = sounds.filter((sound) => sound.kind === kind);
    return row(
      kind === 'noise' ? 'cough or noise' : '“mm-hm”, “okay” …',
      some.length,
      percent(shareOf(some, ({ resumed }) => resumed)),
      percent(shareOf(some, ({ wordsOff }) => wordsOff <= 1)),
    );
  });
  const kept = shareOf(sounds, ({ resumed, wordsOff }) => resumed && wordsOff <= 1);
  return `## Barge-in

${interruptions.length + sounds.length} sounds of callers at random moments of an answer, half of them interruptions.

${table(
  ['Interruptions', 'figure', 'target', ''],
  [
    row('words in the history = words played, ± 1', percent(exact), '≥ 99 %', verdict(exact >= 0.99)),
    row('playback stopped within 250 ms', percent(prompt), '≥ 98 %', verdict(prompt >= 0.98)),
    row(
      'stopped after, p50 / longest',
      `${ms(percentile(stops, 0.5))} / ${ms(percentile(stops, 1))}`,
      '',
      '',
    ),
  ],
)}

${table(['No interruption', 'times', 'answer heard to its end', 'resumed within one word'], rows)}

Of backchannels, coughs and noise ${percent(kept)} neither ended the answer nor lost more than a word (target ≥ 90 %: ${verdict(kept >= 0.9)}).
`;
}

function patienceSection(patience: readonly Patience[]): string {
  const chosen = defaultConversationSettings.endpointMs;
  const rows = patience.map(({ settings, splitShare, meanDelayMs, p95DelayMs }) =>
    row(
      settings.endpointMs === chosen
        ? `**${settings.endpointMs} ms** (default)`
        : `${settings.endpointMs} ms`,
      percent(splitShare),
      ms(meanDelayMs),
      ms(p95DelayMs),
    ),
  );
  const split = patience.find(({ settings }) => settings.endpointMs === chosen)?.splitShare ?? Number.NaN;
  return `## Hesitations

Callers who stop for 900 ms at a random place inside a sentence, and callers who do not. A false cut-off is an answer heard
before the sentence was finished. The delay is from the last word to the turn, of callers who did not hesitate; one utterance
in five has no full stop in its transcript, and only for these the setting matters.

${table(['Silence that ends words without a full stop', 'false cut-offs', 'mean delay', 'p95 delay'], rows)}

The default is the shortest that cuts off nobody: it costs ${ms((patience.find(({ settings }) => settings.endpointMs === chosen)?.meanDelayMs ?? 0) - (patience.find(({ settings }) => settings.endpointMs === 500)?.meanDelayMs ?? 0))} on average more than the usual 500 ms.
Target: at most 5 % split, ${verdict(split <= 0.05)}.

![False cut-offs against delay](conversation-hesitations.svg)
`;
}

function patiencePicture(patience: readonly Patience[]): string {
  return drawChart({
    title: 'False cut-offs at hesitations of 900 ms, by endpoint',
    xLabel: 'silence that ends words without a full stop, ms',
    yLabel: '% of utterances cut off; mean delay in 10 ms',
    yTargets: [5],
    labelled: true,
    series: [
      {
        name: 'false cut-offs, %',
        points: patience.map((one) => [one.settings.endpointMs ?? 0, one.splitShare * 100]),
      },
      {
        name: 'mean delay, 10 ms',
        points: patience.map((one) => [one.settings.endpointMs ?? 0, one.meanDelayMs / 10]),
      },
    ],
  });
}

function silenceSection(silences: readonly Silence[]): string {
  const rows = faults.map((fault) => {
    const some = silences.filter((silence) => silence.fault === fault).map(({ longestMs }) => longestMs);
    return row(fault, some.length, ms(percentile(some, 0.5)), ms(percentile(some, 1)));
  });
  const longest = percentile(
    silences.map(({ longestMs }) => longestMs),
    1,
  );
  return `## Silence while it is the assistant's turn

From the moment the turn was taken to the end of the answer, the longest time without a sound, with a vendor failing at random.

${table(['What fails', 'turns', 'longest silence, p50', 'longest of all'], rows)}

Target: never more than ${targets.silenceMs / 1000} s, ${verdict(longest <= targets.silenceMs)}.
`;
}

function crisisSection({
  trueCases,
  caughtShare,
  nearMisses,
  falseAlarmShare,
  messageAfterMs,
}: CrisisRun): string {
  const latest = percentile(messageAfterMs, 1);
  return `## Words of danger

${table(
  ['', 'figure', 'target', ''],
  [
    row(
      `caught by the rule, of ${trueCases} true cases`,
      percent(caughtShare),
      'all',
      verdict(caughtShare === 1),
    ),
    row(
      `false alarms, of ${nearMisses} near misses`,
      percent(falseAlarmShare),
      '≤ 5 %',
      verdict(falseAlarmShare <= 0.05),
    ),
    row(
      'help is named with every model dead, at the latest',
      ms(latest),
      '≤ 3 000 ms',
      verdict(latest <= targets.silenceMs),
    ),
  ],
)}

The rule was written against this corpus; it is a floor under the model, not a judgement. On sentences it has never seen it
caught about five in six, which is why the model is told to act on danger as well.
`;
}

export function writeReport(
  measured: Measured,
  run: { readonly machine: string; readonly secs: number },
): Report {
  const markdown = `# The conversation, measured

Made by \`npm run bench:conversation\` in ${run.secs} s on ${run.machine}. Whole calls through the real session, state machine and playback;
recogniser, model, speech and phone are scripted, on a virtual clock except where real time is said. Random choices are seeded:
every run makes the same calls.

${[
  latencySection(measured.latency),
  ownSection(measured.ownShare),
  bargeInSection(measured.bargeIns),
  patienceSection(measured.patience),
  silenceSection(measured.silences),
  crisisSection(measured.crisis),
].join('\n')}`;
  return {
    markdown,
    pictures: {
      'conversation-latency.svg': latencyPicture(measured.latency),
      'conversation-hesitations.svg': patiencePicture(measured.patience),
    },
  };
}
