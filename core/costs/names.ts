/** The order of names in the cost table: that of the bytes of UTF-8, as DynamoDB sorts its keys. */

const firstSurrogate = 0xd800;
const lastSurrogate = 0xdfff;

/** UTF-16 has what lies beyond 0xffff before 0xe000; UTF-8 has it last. */
function rank(unit: number): number {
  if (unit < firstSurrogate) return unit;
  return unit <= lastSurrogate ? unit + 0x10_000 : unit;
}

/** @returns below 0 when `a` comes first, 0 when they are the same. */
export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}
