/** JSON as TypeScript sees it, for the few places where a value's shape belongs to somebody else. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export type JsonObject = { readonly [key: string]: JsonValue };
