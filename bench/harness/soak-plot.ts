import type { Point } from "./growth.ts";

export interface PlotLine {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly Point[];
}

const WIDTH = 860;
const HEIGHT = 320;
const LEFT = 60;
const BOTTOM = 40;
const TOP = 30;

/** Draws values over time, as an SVG. */
export function toPlot({
  title,
  unit,
  lines,
}: {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly PlotLine[];
}): string {
  const all = lines.flatMap(({ points }) => points);
  const lastAt = Math.max(1, ...all.map(({ at }) => at));
  const top = Math.max(1, ...all.map(({ value }) => value)) * 1.1;
  const x = (at: number): number => LEFT + (at / lastAt) * (WIDTH - LEFT - 20);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const value = (share * top) / 1.1;
    return `<line x1="${LEFT}" x2="${WIDTH - 20}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/><text x="${LEFT - 8}" y="${y(value) + 4}" text-anchor="end">${Math.round(value)}</text>`;
  });
  const drawn = lines.map(({ name, colour, points }, index) => {
    const path = points.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${path}"/><text x="${LEFT + 10 + index * 170}" y="${HEIGHT - 8}" fill="${colour}">${name}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
<text x="${LEFT}" y="18" font-size="14">${title} (${unit}; ${Math.round(lastAt)} s)</text>
${[...grid, ...drawn].join("\n")}
</svg>
`;
}
