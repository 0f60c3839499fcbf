import { describe } from 'node:test';
import { type CallStoreSubject, useCallStore } from './call-store/call-store-subject.ts';
import { describeEndings } from './call-store/endings.ts';
import { describeLists } from './call-store/lists.ts';
import { describeRecords } from './call-store/records.ts';
import { describeStatusCallbacks } from './call-store/status-callbacks.ts';
import { describeTurnsAndCosts } from './call-store/turns-and-costs.ts';

export type { CallStoreSubject };

/** What the calls, their turns and their costs must survive. */
export function describeCallStoreContract(name: string, makeSubject: () => Promise<CallStoreSubject>): void {
  describe(`${name} keeps the contract of the call store`, () => {
    const on = useCallStore(makeSubject);

    describeRecords(on);
    describeStatusCallbacks(on);
    describeEndings(on);
    describeTurnsAndCosts(on);
    describeLists(on);
  });
}
