/**
 * DynamoDB's requests with items as plain objects.
 *
 * The SDK's document client builds its chain of middleware anew for every request and refuses to keep it. The plain
 * client keeps it (`cacheMiddleware`), and its own library translates the items: that halves what a request allocates.
 */
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  type DeleteItemCommandInput,
  type DynamoDBClient,
  GetItemCommand,
  type GetItemCommandInput,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  ScanCommand,
  type ScanCommandInput,
  type ScanCommandOutput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';

/** An item, its key, or the values of an expression. What is undefined is not sent. */
export type Item = Record<string, unknown>;

type Replace<Input, Plain> = Readonly<Omit<Input, keyof Plain> & Plain>;
interface Keyed {
  Key: Item;
}
interface Valued {
  ExpressionAttributeValues?: Item | undefined;
}
interface Paged extends Valued {
  ExclusiveStartKey?: Item | undefined;
}

export type GetInput = Replace<GetItemCommandInput, Keyed>;
export type PutInput = Replace<PutItemCommandInput, Valued & { Item: Item }>;
export type UpdateInput = Replace<UpdateItemCommandInput, Keyed & Valued>;
export type DeleteInput = Replace<DeleteItemCommandInput, Keyed & Valued>;
export type QueryInput = Replace<QueryCommandInput, Paged>;
export type ScanInput = Replace<ScanCommandInput, Paged>;

export interface Page {
  readonly Items: readonly Item[];
  /** Undefined after the last page. */
  readonly LastEvaluatedKey?: Item | undefined;
}

export interface KeysOfTable {
  readonly Keys: readonly Item[];
  readonly ConsistentRead?: boolean;
}

export type Write =
  | { readonly PutRequest: { readonly Item: Item } }
  | { readonly DeleteRequest: { readonly Key: Item } };

type PerTable<T> = Readonly<Record<string, T>>;

/** Names and meanings are those of DynamoDB's API, and so are the errors. */
export interface Documents {
  get(input: GetInput): Promise<{ readonly Item?: Item | undefined }>;
  put(input: PutInput): Promise<void>;
  update(input: UpdateInput): Promise<{ readonly Attributes?: Item | undefined }>;
  delete(input: DeleteInput): Promise<void>;
  query(input: QueryInput): Promise<Page>;
  scan(input: ScanInput): Promise<Page>;
  batchGet(input: { readonly RequestItems: PerTable<KeysOfTable> }): Promise<{
    readonly Responses: PerTable<readonly Item[]>;
    readonly UnprocessedKeys: PerTable<KeysOfTable>;
  }>;
  batchWrite(input: { readonly RequestItems: PerTable<readonly Write[]> }): Promise<{
    readonly UnprocessedItems: PerTable<readonly Write[]>;
  }>;
  destroy(): void;
  /** Beneath them all: where requests can be watched. */
  readonly client: DynamoDBClient;
}

type Attributes = Record<string, AttributeValue>;

const toAttributes = (item: Item): Attributes => marshall(item, { removeUndefinedValues: true });
const toItem = (attributes: Attributes): Item => unmarshall(attributes);
const toOptionalItem = (attributes: Attributes | undefined) => attributes && toItem(attributes);

const withValues = <Input extends Valued>({ ExpressionAttributeValues: values, ...input }: Input) => ({
  ...input,
  ExpressionAttributeValues: values && toAttributes(values),
});

const withStart = <Input extends Paged>({ ExclusiveStartKey: start, ...input }: Input) => ({
  ...withValues(input),
  ExclusiveStartKey: start && toAttributes(start),
});

const toPage = ({ Items, LastEvaluatedKey }: QueryCommandOutput | ScanCommandOutput): Page => ({
  Items: (Items ?? []).map(toItem),
  LastEvaluatedKey: toOptionalItem(LastEvaluatedKey),
});

const perTable = <From, To>(tables: PerTable<From> | undefined, translated: (part: From) => To) =>
  Object.fromEntries(Object.entries(tables ?? {}).map(([name, part]) => [name, translated(part)]));

const toWriteRequest = (write: Write): WriteRequest =>
  'PutRequest' in write
    ? { PutRequest: { Item: toAttributes(write.PutRequest.Item) } }
    : { DeleteRequest: { Key: toAttributes(write.DeleteRequest.Key) } };

const toWrite = ({ PutRequest, DeleteRequest }: WriteRequest): Write =>
  PutRequest
    ? { PutRequest: { Item: toItem(PutRequest.Item ?? {}) } }
    : { DeleteRequest: { Key: toItem(DeleteRequest?.Key ?? {}) } };

export const createDocuments = (client: DynamoDBClient): Documents => ({
  async get({ Key, ...input }) {
    const answer = await client.send(new GetItemCommand({ ...input, Key: toAttributes(Key) }));
    return { Item: toOptionalItem(answer.Item) };
  },
  async put({ Item: item, ...input }) {
    await client.send(new PutItemCommand({ ...withValues(input), Item: toAttributes(item) }));
  },
  async update({ Key, ...input }) {
    const command = new UpdateItemCommand({ ...withValues(input), Key: toAttributes(Key) });
    return { Attributes: toOptionalItem((await client.send(command)).Attributes) };
  },
  async delete({ Key, ...input }) {
    await client.send(new DeleteItemCommand({ ...withValues(input), Key: toAttributes(Key) }));
  },
  query: async (input) => toPage(await client.send(new QueryCommand(withStart(input)))),
  scan: async (input) => toPage(await client.send(new ScanCommand(withStart(input)))),
  async batchGet({ RequestItems }) {
    const asked = perTable(RequestItems, ({ Keys, ...read }) => ({ ...read, Keys: Keys.map(toAttributes) }));
    const answer = await client.send(new BatchGetItemCommand({ RequestItems: asked }));
    return {
      Responses: perTable(answer.Responses, (items) => items.map(toItem)),
      UnprocessedKeys: perTable(answer.UnprocessedKeys, ({ Keys = [] }) => ({ Keys: Keys.map(toItem) })),
    };
  },
  async batchWrite({ RequestItems }) {
    const asked = perTable(RequestItems, (writes) => writes.map(toWriteRequest));
    const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems: asked }));
    return { UnprocessedItems: perTable(UnprocessedItems, (writes) => writes.map(toWrite)) };
  },
  destroy: () => client.destroy(),
  client,
});
