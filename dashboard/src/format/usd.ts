/** Writes US dollars: `$0`, `$0.0016`, `$1.24`, `$1,204`; never `$0` for more than nothing. */
export function formatUsd(usd: number): string {
  if (usd === 0) return "$0";
  if (usd < 0.0001) return "under $0.0001";
  if (usd < 0.1) return `$${Number(usd.toPrecision(2))}`;
  const digits = usd < 1_000 ? 2 : 0;
  return `$${usd.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}
