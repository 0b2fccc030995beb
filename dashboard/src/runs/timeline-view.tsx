import type { RunDetail, StepView } from "millrace/http";
import { ActionButton } from "../components/action-button.tsx";
import { Icon } from "../components/icon.tsx";
import { JsonView } from "../components/json-view.tsx";
import { RecordedError } from "../components/recorded-error.tsx";
import { StatusBadge } from "../components/status-badge.tsx";
import { now } from "../data/now.ts";
import { formatCount } from "../format/count.ts";
import { formatDuration } from "../format/duration.ts";
import { live } from "../live/live.ts";
import { OpenStep } from "./open-step.tsx";
import { type Bar, layOutTimeline, stateOfStep, type TimelineRow } from "./timeline.ts";

/** More items of a map than this are not listed one by one. */
const MOST_ITEMS = 100;

interface TimelineProps {
  readonly run: RunDetail;
  /** Does a step of an ended run again, and all that ended after it began. */
  readonly retryFrom: (step: string) => Promise<void>;
}

/** The steps of a run over time: a row for each, the items of a map side by side as they ran. */
export function Timeline({ run, retryFrom }: TimelineProps) {
  const running = live.value.runs[run.id];
  const startAt = Date.parse(run.startedAt ?? run.createdAt);
  const isRunning = run.status === "running";
  const endAt = endOf(run, isRunning || run.status === "waiting", startAt);
  const rows = layOutTimeline({
    steps: run.steps,
    openSteps: isRunning ? (running?.openSteps ?? {}) : {},
    maps: {
      ...Object.fromEntries(run.progress.map((progress) => [progress.step, progress])),
      ...(isRunning ? running?.maps : {}),
    },
    startAt,
    endAt,
  });
  if (rows.length === 0) return <p class="fine">No step has begun yet.</p>;
  return (
    <>
      <ol class="timeline">
        {rows.map((row) => (
          <Row key={row.name} row={row} retryFrom={run.endedAt === null ? undefined : retryFrom} />
        ))}
      </ol>
      <div class="timeline-axis" aria-hidden="true">
        <span>0</span>
        <span>{formatDuration((endAt - startAt) / 2)}</span>
        <span>{formatDuration(endAt - startAt)}</span>
      </div>
    </>
  );
}

function endOf(run: RunDetail, isRunning: boolean, startAt: number): number {
  if (isRunning) return Math.max(now.value, startAt + 1);
  const ends = run.steps.map((step) => Date.parse(step.endedAt ?? step.startedAt));
  return Math.max(run.endedAt === null ? startAt + 1 : Date.parse(run.endedAt), ...ends, startAt + 1);
}

interface RowProps {
  readonly row: TimelineRow;
  readonly retryFrom: TimelineProps["retryFrom"] | undefined;
}

function Row({ row, retryFrom }: RowProps) {
  return (
    <li>
      <details class="timeline-row">
        <summary>
          <Icon name="chevron" size={14} />
          <span class="timeline-name">
            <span>{row.isMap ? `${row.name}: ${row.done} of ${row.total}` : row.name}</span>
            {row.failed > 0 && row.isMap && <span class="timeline-failed">{row.failed} failed</span>}
          </span>
          <Lanes row={row} />
          <span class="timeline-ms number">{row.ms === null ? "" : formatDuration(row.ms)}</span>
          <StatusBadge status={row.state} />
        </summary>
        <RowDetail row={row} retryFrom={retryFrom} />
      </details>
    </li>
  );
}

const LANE_HEIGHT = 7;
const LANE_GAP = 2;
const SINGLE_HEIGHT = 12;
const MOST_LANES = 12;

function Lanes({ row }: { readonly row: TimelineRow }) {
  const lanes = Math.min(row.lanes, MOST_LANES);
  const thick = lanes === 1 ? SINGLE_HEIGHT : LANE_HEIGHT;
  const height = lanes * thick + (lanes - 1) * LANE_GAP;
  return (
    <span class="timeline-track" aria-hidden="true">
      <svg width="100%" height={height} focusable="false">
        {row.bars.map((bar) => (
          <rect
            key={bar.id}
            class={`bar bar-${bar.state}`}
            x={`${bar.start * 100}%`}
            width={barWidth(bar)}
            y={(bar.lane % MOST_LANES) * (thick + LANE_GAP)}
            height={thick}
            rx="2"
          />
        ))}
      </svg>
    </span>
  );
}

/** The shortest step is still something to see. */
function barWidth(bar: Bar): string {
  return `${Math.max(bar.length * 100, 0.6)}%`;
}

/** What undoes a step is no step to begin with. */
function canBeRetried(steps: readonly StepView[]): boolean {
  return steps.length > 0 && steps.every(({ id }) => !id.startsWith("#"));
}

function RowDetail({ row, retryFrom }: RowProps) {
  const hidden = row.steps.length - MOST_ITEMS;
  if (row.steps.length === 0) return <p class="fine timeline-detail">Runs now; nothing is stored of it yet.</p>;
  return (
    <ul class="timeline-detail">
      {row.steps.slice(0, MOST_ITEMS).map((step) => (
        <li key={step.id}>
          <div class="step-line">
            <code>{step.id}</code>
            <StatusBadge status={stateOfStep(step)} />
            <span class="fine">
              {step.ms === null ? "" : formatDuration(step.ms)}
              {step.attempt > 1 && `, attempt ${step.attempt}`}
            </span>
          </div>
          {step.state === "open" && <OpenStep step={step} />}
          {step.error && <RecordedError error={step.error} title="Error" />}
          {step.output !== undefined && step.output !== null && (
            <JsonView label="Result" name={`Result of ${step.id}`} value={step.output} />
          )}
          {step.output === undefined && step.outputBytes > 0 && (
            <p class="fine">The result has {formatCount(step.outputBytes, "byte")}: too much to show here.</p>
          )}
        </li>
      ))}
      {retryFrom !== undefined && canBeRetried(row.steps) && (
        <li>
          <ActionButton icon="retry" about={row.name} onAct={() => retryFrom(row.name)}>
            Retry from here
          </ActionButton>
        </li>
      )}
      {hidden > 0 && <li class="fine">and {formatCount(hidden, "more item")}</li>}
    </ul>
  );
}
