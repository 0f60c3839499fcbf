/** The books of both sides, as tables. */
import { type BilledService, billedServices } from '#tests/support/books/vendor-books.ts';
import type { BooksFigures, KindFigures, ServiceFigures } from './books.ts';

const usd = (value: number) => `$${value.toFixed(4)}`;
const percent = (ours: number, theirs: number) =>
  theirs === 0 && ours === 0
    ? '–'
    : `${(((ours - theirs) / Math.max(theirs, Number.MIN_VALUE)) * 100).toFixed(3)} %`;

const serviceOf = ({ services }: KindFigures, service: BilledService): ServiceFigures | undefined =>
  services.find((figures) => figures.service === service);

function totalRow(name: string, service: BilledService, kinds: readonly KindFigures[]): string {
  const sum = (of: 'oursUsd' | 'theirsUsd') =>
    kinds.reduce((total, kind) => total + (serviceOf(kind, service)?.[of] ?? 0), 0);
  return `| ${name} | ${usd(sum('oursUsd'))} | ${usd(sum('theirsUsd'))} | ${percent(sum('oursUsd'), sum('theirsUsd'))} |`;
}

function kindRow(kind: KindFigures): string {
  const outcomes = Object.entries(kind.outcomes).map(([outcome, count]) => `${count} ${outcome}`);
  const cells = billedServices.map((service) => {
    const { oursUsd = 0, theirsUsd = 0 } = serviceOf(kind, service) ?? {};
    return `${usd(oursUsd)} / ${usd(theirsUsd)}<br>${percent(oursUsd, theirsUsd)}`;
  });
  return `| ${kind.kind} | ${kind.calls} | ${outcomes.join(', ')} | ${cells.join(' | ')} |`;
}

function unitRows(kinds: readonly KindFigures[]): readonly string[] {
  const names = new Map<string, { ours: number; theirs: number }>();
  for (const { ours, theirs, service } of kinds.flatMap(({ services }) => services))
    for (const unit of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
      const key = `${service}: ${unit}`;
      const sums = names.get(key) ?? { ours: 0, theirs: 0 };
      sums.ours += ours[unit] ?? 0;
      sums.theirs += theirs[unit] ?? 0;
      names.set(key, sums);
    }
  return [...names].map(
    ([name, { ours, theirs }]) =>
      `| ${name} | ${Math.round(ours * 10) / 10} | ${Math.round(theirs * 10) / 10} | ${percent(ours, theirs)} |`,
  );
}

export function booksSection(books: BooksFigures): string {
  const { kinds } = books;
  const survivors = kinds.filter(({ kind }) => kind !== 'killed');
  return `## Our books against the vendors'

${books.calls} random calls (seed ${books.seed}) in ${Math.round(books.secs)} s over real sockets: two media services behind a load balancer, the HTTP side, the embedded database and the stale-call job, each in its own process, against simulated vendors that keep books of their own. ${books.toldOnce} of ${books.calls} calls have exactly one \`cost.call.summary\`; ${books.wrongSums} summaries are not the sum of their events.

| Service | Ours | Theirs | Difference |
| --- | --- | --- | --- |
${billedServices.map((service) => totalRow(service, service, kinds)).join('\n')}

Without the round in which a media service is killed, which may lose what it had bought since it last counted:

| Service | Ours | Theirs | Difference |
| --- | --- | --- | --- |
${billedServices.map((service) => totalRow(service, service, survivors)).join('\n')}

By kind of call, ours / theirs. Twilio's bill is compared call by call too: ${books.wrongCarrierBills.length} calls differ.

| Calls | Number | Outcomes | ${billedServices.join(' | ')} |
| --- | --- | --- | ${billedServices.map(() => '---').join(' | ')} |
${kinds.map(kindRow).join('\n')}

In units:

| Unit | Ours | Theirs | Difference |
| --- | --- | --- | --- |
${unitRows(kinds).join('\n')}

What is left of a difference:

- **anthropic**: a prompt that was given up before the service had counted it is estimated from its length and from prompts that were counted (\`core/costs/prompt-estimates.ts\`); the simulated model bills it from the moment it was taken. What a killed process had asked within its last second is not known to anybody but the vendor.
- **elevenlabs-stt**: audio handed to a socket that was broken and did not know it yet; of a killed process, the audio between its last frame and the moment at which the carrier asks what comes next.
- **elevenlabs-tts**: words that a killed process had sent within its last second.
`;
}
