import { useSignal } from "@preact/signals";
import { useWidth } from "../data/use-width.ts";
import { columnAt, columnOf, layLine, type Plot, stackColumns, type Values } from "./chart-geometry.ts";
import { ChartLegend } from "./chart-legend.tsx";
import { ChartTable } from "./chart-table.tsx";

export interface Series {
  readonly name: string;
  /** From 1 to 11: its colour, the same wherever it is drawn. */
  readonly tone: number;
  readonly values: Values;
  /** What the key says while no column is pointed at. */
  readonly whole: string;
}

export interface TimeChartProps {
  /** What is shown, for those who do not see it. */
  readonly label: string;
  /** The name of each column. */
  readonly columns: readonly string[];
  /** Columns that are named below the chart. */
  readonly ticks: readonly { readonly column: number; readonly label: string }[];
  /** `stack`: columns that add up, first series below; `lines`: one line for each. */
  readonly kind: "stack" | "lines";
  readonly series: readonly Series[];
  /** The upper end of the axis. */
  readonly top: number;
  readonly format: (value: number) => string;
  /** What the key tells of while no column is pointed at. */
  readonly whole: string;
  /** How much there was in each column, as a strip below. */
  readonly volume?: { readonly name: string; readonly values: readonly number[]; readonly whole: string };
}

const HEIGHT = 172;
const HEAD = 8;
const GUTTER = 46;
const FOOT = 22;
const STRIP = 26;
const STRIP_GAP = 8;

/** Values over time. A column is chosen by pointer or by the arrow keys, and the key below tells its values; all of them are in a table. */
export function TimeChart(props: TimeChartProps) {
  const { label, columns } = props;
  const { ref, width } = useWidth<HTMLDivElement>();
  const chosen = useSignal<number | null>(null);
  const plot = { x: GUTTER, y: HEAD, width: Math.max(1, width - GUTTER - 1), height: HEIGHT };
  const last = columns.length - 1;

  function point(event: PointerEvent & { readonly currentTarget: HTMLElement }): void {
    chosen.value = columnOf(event.clientX - event.currentTarget.getBoundingClientRect().left, columns.length, plot);
  }
  function step(event: KeyboardEvent): void {
    const at = chosen.peek() ?? last;
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
    if (event.key === "Escape") chosen.value = null;
    if (next === undefined) return;
    event.preventDefault();
    chosen.value = Math.min(last, Math.max(0, next));
  }

  return (
    <figure class="chart">
      <div
        ref={ref}
        class="chart-room"
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={chosen.value ?? last}
        aria-valuetext={wordsOf(props, chosen.value)}
        onPointerMove={point}
        onPointerLeave={() => (chosen.value = null)}
        onBlur={() => (chosen.value = null)}
        onKeyDown={step}
      >
        {width > 0 && <Drawing {...props} plot={plot} chosen={chosen.value} />}
      </div>
      <figcaption>
        <ChartLegend {...props} chosen={chosen.value} />
      </figcaption>
      <ChartTable {...props} />
    </figure>
  );
}

function wordsOf({ columns, series, format, whole }: TimeChartProps, chosen: number | null): string {
  const values = series.map(({ name, values, whole: said }) => {
    const value = chosen === null ? undefined : values[chosen];
    return `${name} ${chosen === null ? said : value === null || value === undefined ? "nothing" : format(value)}`;
  });
  return `${chosen === null ? whole : columns[chosen]}: ${values.join(", ")}`;
}

interface DrawingProps extends TimeChartProps {
  readonly plot: Plot;
  readonly chosen: number | null;
}

function Drawing({ columns, ticks, kind, series, top, format, volume, plot, chosen }: DrawingProps) {
  const floor = plot.y + plot.height;
  const strip = { ...plot, y: floor + STRIP_GAP, height: STRIP };
  const foot = volume === undefined ? floor : strip.y + STRIP;
  const height = foot + FOOT;
  return (
    <svg width={plot.x + plot.width + 1} height={height} aria-hidden="true" focusable="false">
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <line
            class="chart-grid"
            x1={plot.x}
            x2={plot.x + plot.width}
            y1={floor - share * plot.height}
            y2={floor - share * plot.height}
          />
          <text class="chart-text" x={plot.x - 8} y={floor - share * plot.height} text-anchor="end" dy="0.32em">
            {format(share * top)}
          </text>
        </g>
      ))}
      {chosen !== null && (
        <rect class="chart-chosen" {...columnAt(chosen, columns.length, plot)} y={plot.y} height={foot - plot.y} />
      )}
      {kind === "stack" ? (
        <Stack series={series} plot={plot} top={top} />
      ) : (
        <Lines series={series} plot={plot} top={top} />
      )}
      {volume && <Strip values={volume.values} plot={strip} />}
      {ticks.map(({ column, label }) => (
        <text
          key={column}
          class="chart-text"
          x={columnAt(column, columns.length, plot).x}
          y={height - 5}
          text-anchor={column === 0 ? "start" : "middle"}
        >
          {label}
        </text>
      ))}
    </svg>
  );
}

interface MarksProps {
  readonly series: readonly Series[];
  readonly plot: Plot;
  readonly top: number;
}

function Stack({ series, plot, top }: MarksProps) {
  const boxes = stackColumns(
    series.map(({ values }) => values),
    plot,
    top,
  );
  return (
    <>
      {series.map(({ name, tone }, index) => (
        <g key={name} class={`tone-${tone}`}>
          {(boxes[index] ?? []).map((box) => (
            <rect key={box.x} class="chart-column" {...box} />
          ))}
        </g>
      ))}
    </>
  );
}

function Lines({ series, plot, top }: MarksProps) {
  return (
    <>
      {series.map(({ name, tone, values }) => {
        const { path, dots } = layLine(values, plot, top);
        return (
          <g key={name} class={`tone-${tone}`}>
            <path class="chart-line" d={path} />
            {dots.map(({ x, y }) => (
              <circle key={x} class="chart-dot" cx={x} cy={y} r="2.5" />
            ))}
          </g>
        );
      })}
    </>
  );
}

function Strip({ values, plot }: { readonly values: readonly number[]; readonly plot: Plot }) {
  const [boxes = []] = stackColumns([values], plot, Math.max(1, ...values));
  return (
    <>
      <line class="chart-grid" x1={plot.x} x2={plot.x + plot.width} y1={plot.y + STRIP} y2={plot.y + STRIP} />
      {boxes.map((box) => (
        <rect key={box.x} class="chart-volume" {...box} />
      ))}
    </>
  );
}
