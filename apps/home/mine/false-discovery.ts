/**
 * Benjamini-Hochberg: for each p-value the smallest false-discovery rate at which it would be accepted, in the same order. `tests` is the
 * number of all tests made; those whose p-value is not given count as failed.
 */
export function falseDiscoveryRates(pValues: readonly number[], tests: number): readonly number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => (pValues[a] ?? 1) - (pValues[b] ?? 1) || a - b);
  const rates = new Array<number>(pValues.length).fill(1);
  let smallest = 1;
  for (let rank = order.length; rank >= 1; rank--) {
    const index = order[rank - 1] ?? 0;
    smallest = Math.min(smallest, ((pValues[index] ?? 1) * Math.max(tests, pValues.length)) / rank);
    rates[index] = smallest;
  }
  return rates;
}
