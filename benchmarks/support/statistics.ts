/** The value that a share of the values does not exceed. @param share 0 to 1. NaN for no values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

export const shareOf = <T>(values: readonly T[], holds: (value: T) => boolean): number =>
  values.length === 0 ? Number.NaN : values.filter(holds).length / values.length;

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
