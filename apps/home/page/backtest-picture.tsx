import { useMemo } from "preact/hooks";
import { useWidth } from "../../../dashboard/src/data/use-width.ts";
import { formatDate } from "../../../dashboard/src/format/time.ts";
import type { Backtest, BacktestFiring, Outcome, RuleCore } from "../backtest/backtest.ts";
import type { Occurrence } from "../domain/rule.ts";
import { EvidenceGrid } from "./evidence-grid.tsx";
import { layOutEvidence, type Picture } from "./evidence-geometry.ts";
import { clockOf } from "./rule-window.ts";

interface BacktestPictureProps {
  readonly rule: RuleCore;
  readonly backtest: Backtest;
  readonly title: string;
}

const WORDS: Readonly<Record<Outcome, string>> = {
  matched: "as people did",
  wrong: "when nobody did",
  no_op: "when it was so already",
};

/** A calendar of what the rule would have done: days from left to right, hours from top to bottom. */
export function BacktestPicture({ rule, backtest, title }: BacktestPictureProps) {
  const { ref, width } = useWidth<HTMLDivElement>();
  const { matched, wrong, noOp, firings } = backtest;
  const drawn = useMemo(() => (width === 0 ? undefined : layOut(rule, firings, width)), [rule, firings, width]);
  return (
    <figure class="evidence backtest">
      <div class="evidence-room" ref={ref}>
        {drawn && (
          <Drawing
            {...drawn}
            label={`What it would have done: ${title}. ${matched} times ${WORDS.matched}, ${wrong} times ${WORDS.wrong}, ${noOp} times ${WORDS.no_op}.`}
          />
        )}
      </div>
      <figcaption>
        <ul class="evidence-key">
          {(["matched", "wrong", "no_op"] as const).map((outcome) => (
            <li key={outcome}>
              <svg width="12" height="12" aria-hidden="true" focusable="false">
                <Sign x={6} y={6} radius={4} outcome={outcome} />
              </svg>
              {WORDS[outcome]}
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}

interface Drawn {
  readonly picture: Picture;
  /** The firing that each mark of the picture stands for. */
  readonly firingOf: ReadonlyMap<Occurrence, BacktestFiring>;
}

function layOut(rule: RuleCore, firings: readonly BacktestFiring[], width: number): Drawn {
  const firingOf = new Map<Occurrence, BacktestFiring>(
    firings.map((firing) => [
      { date: firing.date, minute: firing.doneAt ?? firing.minute, hit: firing.outcome === "matched" },
      firing,
    ]),
  );
  return { picture: layOutEvidence({ ...rule, evidence: { occurrences: [...firingOf.keys()] } }, width), firingOf };
}

function Drawing({ picture, firingOf, label }: Drawn & { readonly label: string }) {
  const { width, height, lane, columns, marks, radius } = picture;
  return (
    <svg
      class="evidence-svg backtest-svg"
      role="img"
      aria-label={label}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
    >
      <EvidenceGrid picture={picture} />
      {columns.map(
        ({ date, x, isDated }) =>
          isDated && (
            <text key={date} class="ev-text" x={x + 4} y={lane.y + lane.height + 16}>
              {formatDate(date)}
            </text>
          ),
      )}
      {marks.map(({ x, y, occurrence }, index) => {
        const firing = firingOf.get(occurrence);
        return (
          firing && (
            <Sign
              key={index}
              x={x}
              y={y}
              radius={radius}
              outcome={firing.outcome}
              about={`${firing.date} ${clockOf(firing.minute)}: ${WORDS[firing.outcome]}`}
            />
          )
        );
      })}
    </svg>
  );
}

interface SignProps {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly outcome: Outcome;
  readonly about?: string;
}

/** Shapes differ, not only colours: a full dot, an empty diamond, a small ring. */
function Sign({ x, y, radius, outcome, about }: SignProps) {
  const title = about === undefined ? null : <title>{about}</title>;
  if (outcome === "wrong") {
    const r = radius + 0.5;
    return (
      <path class="ev-miss" d={`M${x} ${y - r}l${r} ${r} ${-r} ${r} ${-r} ${-r}z`}>
        {title}
      </path>
    );
  }
  const isMatch = outcome === "matched";
  return (
    <circle class={isMatch ? "ev-hit" : "ev-nothing"} cx={x} cy={y} r={isMatch ? radius : Math.max(1.25, radius - 1)}>
      {title}
    </circle>
  );
}
