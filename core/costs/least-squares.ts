/** A linear fit small enough to do by hand: a handful of terms, some weeks of days. */

/** One number for each term of the model. */
export type Terms = readonly number[];

export interface Fit {
  /** Observations beyond the number of terms. */
  readonly freedom: number;
  /** What the sum of some observations to come is expected to be. @param rows their terms */
  expect(rows: readonly Terms[]): number;
  /** Standard error of that sum: the noise of each, and what the fit itself does not know. */
  errorOf(rows: readonly Terms[]): number;
}

const tiny = 1e-9;

const dot = (a: Terms, b: Terms): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
const sumOf = (rows: readonly Terms[], terms: number): number[] =>
  Array.from({ length: terms }, (_, i) => rows.reduce((sum, row) => sum + (row[i] ?? 0), 0));

/** By Gauss and Jordan. @returns undefined for a matrix that has no inverse. */
function inverseOf(matrix: readonly Terms[]): number[][] | undefined {
  const size = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...Array.from({ length: size }, (_, j) => (i === j ? 1 : 0))]);
  for (let column = 0; column < size; column += 1) {
    const at = (row: number) => Math.abs(rows[row]?.[column] ?? 0);
    let best = column;
    for (let row = column + 1; row < size; row += 1) if (at(row) > at(best)) best = row;
    const pivotRow = rows[best];
    const pivot = pivotRow?.[column] ?? 0;
    if (pivotRow === undefined || Math.abs(pivot) < tiny) return undefined;
    rows[best] = rows[column] ?? [];
    const scaled = pivotRow.map((value) => value / pivot);
    rows[column] = scaled;
    for (const [row, values] of rows.entries())
      if (row !== column) {
        const factor = values[column] ?? 0;
        rows[row] = values.map((value, i) => value - factor * (scaled[i] ?? 0));
      }
  }
  return rows.map((row) => row.slice(size));
}

/** @returns undefined when the observations do not tell the terms apart, or leave nothing to judge the noise by. */
export function fitLine(rows: readonly Terms[], values: readonly number[]): Fit | undefined {
  const terms = rows[0]?.length ?? 0;
  const freedom = rows.length - terms;
  if (freedom < 1) return undefined;
  const square = Array.from({ length: terms }, (_, i) =>
    Array.from({ length: terms }, (__, j) =>
      rows.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), 0),
    ),
  );
  const inverse = inverseOf(square);
  if (inverse === undefined) return undefined;
  const moments = Array.from({ length: terms }, (_, i) =>
    rows.reduce((sum, row, k) => sum + (row[i] ?? 0) * (values[k] ?? 0), 0),
  );
  const weights = inverse.map((row) => dot(row, moments));
  const noise = rows.reduce((sum, row, k) => sum + ((values[k] ?? 0) - dot(row, weights)) ** 2, 0) / freedom;
  return {
    freedom,
    expect: (some) => dot(sumOf(some, terms), weights),
    errorOf(some) {
      const whole = sumOf(some, terms);
      const own = dot(
        whole,
        inverse.map((row) => dot(row, whole)),
      );
      return Math.sqrt(Math.max(0, noise * (some.length + own)));
    },
  };
}
