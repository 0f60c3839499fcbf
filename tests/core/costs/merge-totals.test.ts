import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { mergeTotals } from '#core/costs/merge-totals.ts';
import { compareNames } from '#core/costs/names.ts';
import { mergeInto, type NamedTotals, noTotals } from '#core/costs/totals.ts';

const named = (name: string, nanos: number): NamedTotals => [
  name,
  { ...noTotals, calls: 1, costUsd: nanos / 1e9, costByService: { twilio: nanos / 1e9 } },
];

/** A period as a store gives it: in order, in pages of any size, empty ones too. */
const period = fc
  .tuple(
    fc.uniqueArray(fc.tuple(fc.string({ maxLength: 3, unit: 'binary' }), fc.nat(1_000_000)), {
      selector: ([name]) => name,
      maxLength: 20,
    }),
    fc.integer({ min: 1, max: 7 }),
  )
  .map(([entries, size]) => {
    const sorted = entries.map(([name, nanos]) => named(name, nanos)).sort(([a], [b]) => compareNames(a, b));
    return Array.from({ length: Math.ceil(sorted.length / size) + 1 }, (_, i) =>
      sorted.slice(i * size, (i + 1) * size),
    );
  });

async function* asPages(pages: readonly (readonly NamedTotals[])[]) {
  yield* pages;
}

describe('periods merged in the order of their names', () => {
  test('give what adding them all up in memory gives, in order, each name once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(period, { maxLength: 6 }), async (periods) => {
        const merged: NamedTotals[] = [];
        for await (const page of mergeTotals(periods.map(asPages))) merged.push(...page);

        const whole = mergeInto();
        for (const [name, totals] of periods.flat(2)) whole.add(name, totals);
        assert.deepEqual(
          merged,
          [...whole.totals()].sort(([a], [b]) => compareNames(a, b)),
        );
      }),
    );
  });

  test('hold one page of each at a time', async () => {
    let given = 0;
    async function* days() {
      for (let page = 0; page < 100; page += 1) {
        given += 1;
        yield Array.from({ length: 100 }, (_, i) => named(String(page * 100 + i).padStart(6, '0'), 1));
      }
    }

    const merged = mergeTotals([days(), days(), days()]);
    await merged.next();

    assert.ok(given <= 18, String(given));
    await merged.return(undefined);
  });

  test('end all their readers when nobody reads on', async () => {
    let closed = 0;
    async function* day() {
      try {
        for (let i = 0; i < 2_000; i += 1) yield [named(String(i).padStart(6, '0'), 1)];
      } finally {
        closed += 1;
      }
    }

    for await (const page of mergeTotals([day(), day()])) {
      assert.ok(page.length > 0);
      break;
    }

    assert.equal(closed, 2);
  });
});

test('names have the order of their bytes, as the database sorts them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      assert.equal(Math.sign(compareNames(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
  assert.ok(compareNames('KEY#\uffee', 'KEY#😀') < 0);
});
