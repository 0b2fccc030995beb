/** Writes a count with its noun: `1 run`, `3 runs`, `1,204 events`. `plural` is for nouns that do not take an s. */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatNumber(count)} ${count === 1 ? noun : plural}`;
}

/** Writes a whole number with separators. */
export function formatNumber(count: number): string {
  return count.toLocaleString("en");
}

/** Writes a share between 0 and 1 as whole percent; never 100 % for less than all, never 0 % for more than none. */
export function formatPercent(share: number): string {
  if (share > 0 && share < 0.005) return "under 1%";
  if (share < 1 && share > 0.995) return "over 99%";
  return `${Math.round(share * 100)}%`;
}
