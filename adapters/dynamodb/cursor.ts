/** Where a list goes on, in a form that a client can carry but not make. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { BadCursorError } from '#core/calls/bad-cursor.ts';

const positionSchema = z.object({
  /** The list it belongs to. */
  list: z.string(),
  day: z.string().optional(),
  key: z.record(z.string(), z.string()),
});
export type ListPosition = z.infer<typeof positionSchema>;

/** 128 bits of the MAC: enough against forgery, short in a URL. */
const macBytes = 16;

const macOf = (secret: string, payload: string) =>
  createHmac('sha256', secret).update(payload).digest().subarray(0, macBytes);

export function encodeCursor(secret: string, position: ListPosition): string {
  const payload = Buffer.from(JSON.stringify(position)).toString('base64url');
  return `${payload}.${macOf(secret, payload).toString('base64url')}`;
}

/** Throws `BadCursorError` for anything but a cursor of this very list. */
export function decodeCursor(secret: string, cursor: string, list: string): ListPosition {
  const [payload = '', mac = '', ...rest] = cursor.split('.');
  const given = Buffer.from(mac, 'base64url');
  if (rest.length > 0 || given.length !== macBytes || !timingSafeEqual(given, macOf(secret, payload)))
    throw new BadCursorError();
  const position = positionSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
  if (position.list !== list) throw new BadCursorError();
  return position;
}
