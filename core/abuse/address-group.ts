/** Whose address it is, as far as an address tells: one host by IPv4, one network of 64 bits by IPv6. */

const groupsOfNetwork = 4;
const groupsOfAddress = 8;

/** Every IPv6 customer has at least 2^64 addresses: counting single ones would count nothing. */
export function addressGroup(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!ip.includes(':')) return ip;
  const [head = '', tail] = ip.toLowerCase().split('%', 1)[0]?.split('::') ?? [];
  const before = head === '' ? [] : head.split(':');
  const behind = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : Math.max(0, groupsOfAddress - before.length - behind.length);
  const groups = [...before, ...Array.from({ length: missing }, () => '0'), ...behind];
  const network = groups.slice(0, groupsOfNetwork).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}
