/** `npm run copy-table`: gives the table in use back what a restored one holds. */
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { copyTable } from '#adapters/dynamodb/copy-table.ts';
import { runCommand, UsageError } from '#local/command-line.ts';

const help = `Copies items of one DynamoDB table into another of the same keys; docs/runbook.md says when.

  npm run copy-table -- --from voice-prod-calls-restored --to <table in use>

  --pk P        only the items of this partition, such as CALL#CA…
  --overwrite   also in place of items that are there; without it only what is missing is written
  --region R    default AWS_REGION
  --help        this text

Items whose time to live is over stay behind. It may be run again after a failure.
`;

/** A page of a scan takes longer than anything a caller waits for. */
const requestTimeoutMs = 10_000;

const text = (value: string | undefined, option: string): string => {
  if (value === undefined || value === '') throw new UsageError(`Say which: ${option} NAME`);
  return value;
};

await runCommand({
  help,
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
    pk: { type: 'string' },
    overwrite: { type: 'boolean', default: false },
    region: { type: 'string' },
  },
  async run({ values }) {
    const [from, to] = [text(values.from, '--from'), text(values.to, '--to')];
    if (from === to) throw new UsageError('--from and --to are the same table.');
    const documents = createDynamoDocuments({
      region: text(values.region ?? process.env['AWS_REGION'], '--region'),
      endpoint: process.env['AWS_ENDPOINT_URL_DYNAMODB'],
      requestTimeoutMs,
    });
    const { written, kept, expired } = await copyTable({
      documents,
      from,
      to,
      now: new Date(),
      overwrite: values.overwrite,
      ...(values.pk === undefined ? {} : { pk: values.pk }),
      onProgress: (so) => process.stderr.write(`written ${so.written}, kept ${so.kept}\n`),
    });
    documents.destroy();
    console.log(`${written} items written, ${kept} were there, ${expired} had expired.`);
    return 0;
  },
});
