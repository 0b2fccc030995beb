import type { Picture } from "./evidence-geometry.ts";

/** What stands behind the marks: the room, its weekends, the rule's time of day, and the hours with their names. */
export function EvidenceGrid({ picture: { plot, lane, columns, bands, hours } }: { readonly picture: Picture }) {
  return (
    <>
      <rect class="ev-plot" x={plot.x} y={plot.y} width={plot.width} height={plot.height} />
      {columns.map(
        ({ date, x, width, isWeekend }) =>
          isWeekend && (
            <rect key={date} class="ev-weekend" x={x} y={plot.y} width={width} height={lane.y + lane.height - plot.y} />
          ),
      )}
      {bands.map(({ y, height }) => (
        <rect key={y} class="ev-band" x={plot.x} width={plot.width} y={y} height={height} />
      ))}
      {hours.map(({ y, label }) => (
        <g key={label}>
          <line class="ev-hour" x1={plot.x} x2={plot.x + plot.width} y1={y} y2={y} />
          <text class="ev-text" x={plot.x - 6} y={y} text-anchor="end" dominant-baseline="middle">
            {label}
          </text>
        </g>
      ))}
    </>
  );
}
