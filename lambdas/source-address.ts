/** Does a webhook come from where the carrier's come from? An additional check; the signature is what counts. */
import { BlockList } from 'node:net';

export interface AddressRange {
  readonly network: string;
  readonly prefix: number;
}

const familyOf = (address: string) => (address.includes(':') ? 'ipv6' : 'ipv4');

/** @param ranges none: every address is good. */
export function createSourceCheck(ranges: readonly AddressRange[]): (ip: string) => boolean {
  if (ranges.length === 0) return () => true;
  const list = new BlockList();
  for (const { network, prefix } of ranges) list.addSubnet(network, prefix, familyOf(network));
  return (ip) => list.check(ip, familyOf(ip));
}
