import { useMemo } from "preact/hooks";
import { formatCount } from "../../../dashboard/src/format/count.ts";
import { formatDate } from "../../../dashboard/src/format/time.ts";
import type { Rule } from "../domain/rule.ts";
import { EvidenceGrid } from "./evidence-grid.tsx";
import { layOutEvidence, type Mark, type Picture } from "./evidence-geometry.ts";
import { describeEvidence } from "./evidence-words.ts";
import { EvidenceTable } from "./evidence-table.tsx";
import { clockOf, ruleSpans, ruleWeekdays } from "./rule-window.ts";
import { useWidth } from "../../../dashboard/src/data/use-width.ts";

/** When it happened: days from left to right, hours from top to bottom, with a key, a summary and a table. */
export function EvidencePicture({ rule, title }: { readonly rule: Rule; readonly title: string }) {
  const { ref, width } = useWidth<HTMLDivElement>();
  const picture = useMemo(() => (width === 0 ? undefined : layOutEvidence(rule, width)), [rule, width]);
  return (
    <figure class="evidence">
      <div class="evidence-room" ref={ref}>
        {picture && <Drawing picture={picture} label={`${title}. ${describeEvidence(rule.evidence)}`} />}
      </div>
      <figcaption>
        <Key rule={rule} />
        {picture !== undefined && picture.hiddenDays > 0 && (
          <p class="fine">
            The latest {formatCount(picture.columns.length, "day")}; {formatCount(picture.hiddenDays, "older day")} did
            not fit.
          </p>
        )}
      </figcaption>
      <EvidenceTable rule={rule} title={title} />
    </figure>
  );
}

function Drawing({ picture, label }: { readonly picture: Picture; readonly label: string }) {
  const { width, height, plot, lane, marks, radius } = picture;
  return (
    <svg
      class="evidence-svg"
      role="img"
      aria-label={label}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
    >
      <EvidenceGrid picture={picture} />
      {lane.height > 0 && (
        <text class="ev-text" x={plot.x - 6} y={lane.y + lane.height / 2} text-anchor="end" dominant-baseline="middle">
          none
        </text>
      )}
      <Days picture={picture} />
      {marks.map((mark, index) => (
        <MarkShape key={index} mark={mark} radius={radius} />
      ))}
    </svg>
  );
}

function Days({ picture: { columns, lane } }: { readonly picture: Picture }) {
  const foot = lane.y + lane.height;
  return (
    <>
      {columns.map(({ x, width, date, letter, isDated }) => (
        <g key={date}>
          {letter !== "" && (
            <text class="ev-text ev-letter" x={x + width / 2} y={foot + 11} text-anchor="middle">
              {letter}
            </text>
          )}
          {isDated && (
            <>
              <line class="ev-tick" x1={x} x2={x} y1={foot} y2={foot + 26} />
              <text class="ev-text" x={x + 4} y={foot + 26}>
                {formatDate(date)}
              </text>
            </>
          )}
        </g>
      ))}
    </>
  );
}

/** Shapes differ, not only colours: a full dot, an empty diamond, a small cross. */
function MarkShape({ mark: { x, y, kind }, radius }: { readonly mark: Mark; readonly radius: number }) {
  if (kind === "hit") return <circle class="ev-hit" cx={x} cy={y} r={radius} />;
  const r = radius + 0.5;
  if (kind === "miss") return <path class="ev-miss" d={`M${x} ${y - r}l${r} ${r} ${-r} ${r} ${-r} ${-r}z`} />;
  const arm = Math.min(radius, 3);
  return (
    <path
      class="ev-nothing"
      d={`M${x - arm} ${y - arm}l${arm * 2} ${arm * 2}M${x + arm} ${y - arm}l${-arm * 2} ${arm * 2}`}
    />
  );
}

function Key({ rule }: { readonly rule: Rule }) {
  const isState = rule.trigger.type === "state";
  const { occurrences } = rule.evidence;
  const spans = ruleSpans(rule);
  const weekdays = ruleWeekdays(rule);
  return (
    <ul class="evidence-key">
      <li>
        <KeySign kind="hit" />
        {isState ? "followed as the rule says" : "happened"}
      </li>
      {occurrences.some(({ hit, minute }) => !hit && minute !== null) && (
        <li>
          <KeySign kind="miss" />
          {isState ? "triggered, did not follow" : "happened at another time"}
        </li>
      )}
      {occurrences.some(({ minute }) => minute === null) && (
        <li>
          <KeySign kind="nothing" />
          nothing that day
        </li>
      )}
      {spans.length > 0 && (
        <li>
          <svg width="18" height="12" aria-hidden="true" focusable="false">
            <rect class="ev-band" x="0" y="3" width="18" height="6" />
          </svg>
          window {windowWords(spans)}
        </li>
      )}
      <li>
        <svg width="12" height="12" aria-hidden="true" focusable="false">
          <rect class="ev-weekend" width="12" height="12" />
        </svg>
        weekend
      </li>
      {weekdays && <li>counts on {weekdays.join(", ")}</li>}
    </ul>
  );
}

function KeySign({ kind }: { readonly kind: Mark["kind"] }) {
  const occurrence = { date: "", minute: null, hit: false };
  return (
    <svg width="12" height="12" aria-hidden="true" focusable="false">
      <MarkShape mark={{ x: 6, y: 6, kind, occurrence }} radius={4} />
    </svg>
  );
}

/** A window over midnight is two spans that are said as one. */
function windowWords(spans: ReturnType<typeof ruleSpans>): string {
  const from = spans.length === 2 ? spans[1]?.from : spans[0]?.from;
  return `${clockOf(from ?? 0)} to ${clockOf(spans[0]?.to ?? 0)}`;
}
