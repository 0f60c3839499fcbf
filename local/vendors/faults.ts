/** Failures asked for by a test or a rehearsal; each happens once, to the next that it fits. */

/** Faults waiting to happen. */
const faultsMax = 1_000;

interface AnyFault {
  readonly on: string;
  readonly kind: string;
}

export interface Faults<Fault extends AnyFault> {
  add(fault: Fault): void;
  /** @returns the oldest fault of one of these kinds, which is thereby used up. */
  take<Kind extends Fault['kind']>(
    on: Fault['on'],
    ...kinds: readonly Kind[]
  ): Extract<Fault, { readonly kind: Kind }> | undefined;
}

export function createFaults<Fault extends AnyFault>(): Faults<Fault> {
  const waiting: Fault[] = [];
  return {
    add(fault) {
      if (waiting.length >= faultsMax) throw new RangeError('Too many faults wait to happen');
      waiting.push(fault);
    },
    take<Kind extends Fault['kind']>(on: Fault['on'], ...kinds: readonly Kind[]) {
      const index = waiting.findIndex(
        (fault) => fault.on === on && kinds.some((kind) => kind === fault.kind),
      );
      if (index < 0) return undefined;
      return waiting.splice(index, 1)[0] as Extract<Fault, { readonly kind: Kind }>;
    },
  };
}
