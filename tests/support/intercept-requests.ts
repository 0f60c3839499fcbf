/** Something done around every request to DynamoDB, such as losing its answer. */
import type { Documents } from '#adapters/dynamodb/documents.ts';

const requestNames = ['get', 'put', 'update', 'delete', 'query', 'scan', 'batchGet', 'batchWrite'] as const;

export interface AskedRequest {
  readonly name: (typeof requestNames)[number];
  readonly input: object;
}

/** @param send sends the request, or another in its place. */
export type Intercept = (asked: AskedRequest, send: (input?: object) => Promise<unknown>) => Promise<unknown>;

/** From now on all requests of these documents go through `intercept`. @returns ends it. */
export function interceptRequests(documents: Documents, intercept: Intercept): () => void {
  const before = { ...documents };
  const intercepted = requestNames.map((name) => {
    const send = documents[name] as (input: object) => Promise<unknown>;
    return [name, (input: object) => intercept({ name, input }, (other = input) => send(other))];
  });
  Object.assign(documents, Object.fromEntries(intercepted));
  return () => void Object.assign(documents, before);
}

/** The same documents, intercepted; `documents` itself stays as it is. */
export function intercepted(documents: Documents, intercept: Intercept): Documents {
  const copy = { ...documents };
  interceptRequests(copy, intercept);
  return copy;
}
