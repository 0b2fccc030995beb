/** Where the values of a chart are drawn, in pixels. */
export interface Plot {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Line {
  /** Path data; broken where there is no value. */
  readonly path: string;
  /** Values without a neighbour, which no line would show. */
  readonly dots: readonly { readonly x: number; readonly y: number }[];
}

/** A value for each column; null: nothing to tell. */
export type Values = readonly (number | null)[];

/** The end of an axis: the first of 1, 2, 2.5, 5 times a power of ten that is not below. */
export function niceTop(most: number): number {
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= most * 0.999_999) ?? 10;
  return step * power;
}

/** The columns of each series, each standing on those before it. Gives a list of boxes for each series. */
export function stackColumns(series: readonly Values[], plot: Plot, top: number): Box[][] {
  const heights = new Map<number, number>();
  return series.map((values) =>
    values.flatMap((value, index) => {
      if (value === null || value <= 0) return [];
      const below = heights.get(index) ?? 0;
      const height = (Math.min(value, top) / top) * plot.height;
      heights.set(index, below + height);
      return [{ ...columnAt(index, values.length, plot), y: plot.y + plot.height - below - height, height }];
    }),
  );
}

/** The room of one column, with a gap to the next where there is space for one. */
export function columnAt(index: number, count: number, plot: Plot): Pick<Box, "x" | "width"> {
  const room = plot.width / count;
  const gap = room >= 5 ? 1 : 0;
  return { x: plot.x + index * room, width: Math.max(0.5, room - gap) };
}

/** The column at a place, from 0 on. */
export function columnOf(x: number, count: number, plot: Plot): number {
  return Math.min(count - 1, Math.max(0, Math.floor(((x - plot.x) / plot.width) * count)));
}

/** A line through the middles of the columns. */
export function layLine(values: Values, plot: Plot, top: number): Line {
  const room = plot.width / values.length;
  const points = values.map((value, index) =>
    value === null
      ? null
      : { x: round(plot.x + (index + 0.5) * room), y: round(plot.y + plot.height * (1 - Math.min(value, top) / top)) },
  );
  const path = points
    .map((point, index) => (point === null ? "" : `${points[index - 1] ? "L" : "M"}${point.x} ${point.y}`))
    .join("");
  const dots = points.flatMap((point, index) =>
    point !== null && !points[index - 1] && !points[index + 1] ? [point] : [],
  );
  return { path, dots };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
