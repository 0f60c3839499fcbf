/** `npm run consents`: who agreed to get text messages, and the proof. */
import { createDynamoConsentStore } from '#adapters/dynamodb/consent-store.ts';
import type { Consent } from '#core/consent/consent.ts';
import { normalizePhoneNumber } from '#core/phone-number.ts';
import { runCommand, UsageError } from '#local/command-line.ts';
import { openTables } from './stage/open-tables.ts';

const help = `Consents to text messages. Numbers are kept as a hash with the last digits.

  npm run consents -- list                  one line each
  npm run consents -- find +14155550100     those of one number, with everything that proves them
  npm run consents -- export [--csv]        all of them with everything, as JSON lines or CSV

Works on the center that runs on this machine, or on the stage that CONSENTS_TABLE, LIMITS_TABLE, PHONE_HASH_KEY and
AWS credentials name.
`;

const columns = [
  'consentId',
  'at',
  'phoneMasked',
  'phoneHash',
  'disclosureVersion',
  'disclosureText',
  'ipHash',
  'userAgent',
] as const satisfies readonly (keyof Consent)[];

/** A browser's own name could begin a formula in a spreadsheet. */
const cell = (value: string): string =>
  `"${(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`;

const csvLine = (consent: Consent): string => columns.map((column) => cell(consent[column])).join(',');

await runCommand({
  help,
  options: { csv: { type: 'boolean', default: false } },
  actions: ['list', 'find', 'export'],
  async run({ action, words: [given], values }) {
    const { documents, consentsTable, hashNumber } = openTables(process.env);
    const store = createDynamoConsentStore(documents, consentsTable);
    try {
      if (action === 'find') {
        const party = normalizePhoneNumber(given ?? '');
        if (party.kind !== 'e164') throw new UsageError('Say which number, as E.164: +14155550100');
        const found = await store.of(hashNumber(party.number));
        for (const consent of found) console.log(JSON.stringify(consent));
        return found.length > 0 ? 0 : 1;
      }
      if (action === 'export' && values.csv) console.log(columns.join(','));
      for await (const consent of store.all()) {
        const { at, phoneMasked, disclosureVersion, consentId } = consent;
        if (action === 'list') console.log(`${at}  ${phoneMasked}  ${disclosureVersion}  ${consentId}`);
        else console.log(values.csv ? csvLine(consent) : JSON.stringify(consent));
      }
      return 0;
    } finally {
      documents.destroy();
    }
  },
});
