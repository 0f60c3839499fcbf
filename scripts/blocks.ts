/** `npm run blocks`: numbers that are neither answered nor called. */
import { createDynamoBlockListAdmin } from '#adapters/dynamodb/block-list-admin.ts';
import { maskPhoneNumber, normalizePhoneNumber } from '#core/phone-number.ts';
import { runCommand, UsageError } from '#local/command-line.ts';
import { openTables } from './stage/open-tables.ts';

const help = `Numbers that are neither answered nor called. Kept as a hash with the last digits.

  npm run blocks -- add    +14155550100 --reason "asked not to be called" [--hours 24]
  npm run blocks -- remove +14155550100
  npm run blocks -- list

Works on the center that runs on this machine, or on the stage that LIMITS_TABLE, PHONE_HASH_KEY and AWS credentials
name. A blocked caller still hears where help is (911, 988).
`;

const hoursMax = 24 * 365;

function numberOf(given: string | undefined): string {
  const party = normalizePhoneNumber(given ?? '');
  if (party.kind !== 'e164') throw new UsageError('Say which number, as E.164: +14155550100');
  return party.number;
}

function untilOf(hours: string | undefined): { until?: Date } {
  if (hours === undefined) return {};
  const count = Number(hours);
  if (!(count > 0) || count > hoursMax) throw new UsageError(`--hours takes a number up to ${hoursMax}.`);
  return { until: new Date(Date.now() + count * 3_600_000) };
}

await runCommand({
  help,
  options: { reason: { type: 'string' }, hours: { type: 'string' } },
  actions: ['add', 'remove', 'list'],
  async run({ action, words: [given], values: { reason, hours } }) {
    const { documents, limitsTable, hashNumber } = openTables(process.env);
    const admin = createDynamoBlockListAdmin(documents, limitsTable, () => new Date());
    try {
      if (action === 'list') {
        for (const block of await admin.blocks())
          console.log(
            `${block.numberMasked}  ${block.until?.toISOString() ?? 'until removed'}  ${block.createdAt}  ${block.reason}`,
          );
        return 0;
      }
      const number = numberOf(given);
      const numberMasked = maskPhoneNumber(number);
      const callerHash = hashNumber(number);
      if (action === 'remove') {
        const wasThere = await admin.unblock(callerHash);
        console.log(wasThere ? `${numberMasked} is free.` : `${numberMasked} was not blocked.`);
        return wasThere ? 0 : 1;
      }
      if (reason === undefined || reason.trim() === '')
        throw new UsageError('Say why: --reason "asked not to be called"');
      const createdAt = new Date().toISOString();
      await admin.block({ callerHash, numberMasked, reason: reason.trim(), createdAt, ...untilOf(hours) });
      console.log(`${numberMasked} is blocked.`);
      return 0;
    } finally {
      documents.destroy();
    }
  },
});
