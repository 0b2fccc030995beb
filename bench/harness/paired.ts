import type { Row } from "./scenario.ts";

/** A side: does the work once and gives the figure. */
export interface Side {
  readonly name: string;
  readonly unit: string;
  measure(round: number): Promise<number>;
}

/**
 * Measures sides in turn, round by round, so that a busy moment of the machine hits all of them; the order turns around from round to
 * round. The first round is thrown away where `warmUp` says so.
 */
export async function measurePaired(
  sides: readonly Side[],
  { rounds, warmUp = true }: { readonly rounds: number; readonly warmUp?: boolean },
): Promise<Row[]> {
  const samples = new Map<Side, number[]>(sides.map((side) => [side, []]));
  for (let round = warmUp ? -1 : 0; round < rounds; round++) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      globalThis.gc?.();
      const value = await side.measure(round);
      if (round >= 0) samples.get(side)?.push(value);
    }
  }
  return sides.map((side) => toRow(side, samples.get(side) ?? []));
}

function toRow({ name, unit }: Side, values: readonly number[]): Row {
  return { side: name, value: median(values), unit, spread: [Math.min(...values), Math.max(...values)] };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Quotient of two rows' medians. */
export function ratio(rows: readonly Row[], numerator: string, denominator: string): number {
  return valueOf(rows, numerator) / valueOf(rows, denominator);
}

function valueOf(rows: readonly Row[], side: string): number {
  const row = rows.find((candidate) => candidate.side === side);
  if (row === undefined) throw new Error(`no side is called ${side}`);
  return row.value;
}
