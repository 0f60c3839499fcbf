/** `npm run keys`: who may use the API of a stage. */
import { randomBytes } from 'node:crypto';
import { digestApiKey } from '#adapters/crypto/api-keys.ts';
import { createReadParameters } from '#adapters/ssm/read-parameters.ts';
import { writeParameter } from '#adapters/ssm/write-parameter.ts';
import { type Scope, scopes } from '#core/http/routes.ts';
import { secrets } from '#lib/secrets/manifest.ts';
import { valueBytesMax } from '#lib/secrets/shapes.ts';
import { runCommand, UsageError, type ValuesOf } from '#local/command-line.ts';
import { describeKey, type KeyList, keyListSchema, withKey, withoutKey } from './stage/key-list.ts';
import { openParameterStore, regionOf, stageOf, stageOptions } from './stage/stage-options.ts';

const help = `The API keys of a stage. Only their digests are kept: a key is shown once, when it is made.

  npm run keys -- create --stage dev --id crm --scopes calls:write,records:read [--days 90]
  npm run keys -- list   --stage dev
  npm run keys -- revoke --stage dev --id crm

  --scopes     of ${scopes.join(', ')}
  --days N     the key ends after so many days; without it, when it is revoked
  --region R   the stage's region; default that of its settings

Functions read a changed list within five minutes. To change a client's key without a gap: create crm-2, let the client
change, revoke crm. Limits and costs are counted by id.
`;

/** 256 bits; the prefix lets scanners of source code find a key that was committed. */
const keyBytes = 32;
const newKey = () => `vck_${randomBytes(keyBytes).toString('base64url')}`;
const daysMax = 3_650;

const options = {
  ...stageOptions,
  id: { type: 'string' },
  scopes: { type: 'string' },
  days: { type: 'string' },
} as const;
type Options = ValuesOf<typeof options>;

function openKeys(options: Options) {
  const spec = secrets.find(({ id }) => id === 'api_keys');
  if (!spec) throw new Error('The manifest of secrets names no api_keys');
  const stage = stageOf(options.stage);
  const client = openParameterStore(regionOf(options.region, stage), process.env);
  const name = spec.parameterName(stage);
  return {
    async read(): Promise<{ readonly keys: KeyList; readonly version: number }> {
      const stored = (await createReadParameters(client)([name])).get(name);
      const text = stored?.value ?? '[]';
      const list = keyListSchema.safeParse(text);
      if (!list.success) throw new UsageError(`${name} is not a list of keys. Mend it with npm run secrets.`);
      return { keys: list.data, version: stored?.version ?? 0 };
    },
    /** Throws `UsageError` when somebody else has changed the list since `version` was read. */
    async write(keys: KeyList, version: number): Promise<void> {
      const value = JSON.stringify(keys);
      if (Buffer.byteLength(value) > valueBytesMax)
        throw new UsageError(`The list has more than ${valueBytesMax} bytes: revoke keys that are not used.`);
      const { type, description } = spec;
      const written = await writeParameter(client, { name, value, type, description });
      if (written !== version + 1)
        throw new UsageError(
          `Somebody else changed the keys of ${stage} at the same moment, and that change is lost: look with list, and repeat it. A key that was being made here is in the list, but was never shown: revoke it, and make it again.`,
        );
    },
  };
}

function scopesOf(given: string | undefined): readonly Scope[] {
  const asked = (given ?? '').split(',').filter((part) => part !== '');
  const unknown = asked.filter((scope) => !(scopes as readonly string[]).includes(scope));
  if (unknown.length > 0)
    throw new UsageError(`There is no scope "${unknown.join('", "')}". There are: ${scopes.join(', ')}.`);
  if (asked.length === 0)
    throw new UsageError(`Say what the key may do: --scopes with one or more of ${scopes.join(', ')}.`);
  return [...new Set(asked as Scope[])];
}

function endOf(days: string | undefined, now: Date): { expiresAt?: string } {
  if (days === undefined) return {};
  const count = Number(days);
  if (!Number.isInteger(count) || count < 1 || count > daysMax)
    throw new UsageError(`--days takes a whole number from 1 to ${daysMax}.`);
  return { expiresAt: new Date(now.getTime() + count * 86_400_000).toISOString() };
}

async function create(options: Options): Promise<number> {
  const { id = '' } = options;
  const chosen = scopesOf(options.scopes);
  const end = endOf(options.days, new Date());
  const store = openKeys(options);
  const key = newKey();
  const { keys, version } = await store.read();
  await store.write(withKey(keys, { id, sha256: digestApiKey(key), scopes: chosen, ...end }), version);
  process.stderr.write(`The key "${id}", shown this once; functions know it within five minutes:\n`);
  console.log(key);
  return 0;
}

async function list(options: Options): Promise<number> {
  const { keys } = await openKeys(options).read();
  for (const key of keys) console.log(describeKey(key, new Date()));
  if (keys.length === 0) process.stderr.write('There is no key yet: npm run keys -- create.\n');
  return 0;
}

async function revoke(options: Options): Promise<number> {
  const { id } = options;
  if (id === undefined) throw new UsageError('Say which key: --id crm');
  const store = openKeys(options);
  const { keys, version } = await store.read();
  await store.write(withoutKey(keys, id), version);
  console.log(`"${id}" is refused everywhere within five minutes.`);
  return 0;
}

await runCommand({
  help,
  options,
  actions: ['create', 'list', 'revoke'],
  run: ({ action, values }) => ({ create, list, revoke })[action](values),
});
