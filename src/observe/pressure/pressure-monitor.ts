import type { Clock, Timer } from "../../core/clock.ts";
import type { PressureLevel } from "../../core/events.ts";
import type { ProcessSample } from "../process-sample.ts";

/** What presses, and where its bounds lie. */
export interface PressureLimits {
  /** Resident memory the process may take, in bytes: the container's limit or a part of the machine's. */
  readonly limitBytes: number;
  /** Shares of the limits of memory and heap from which on the level is `high`. Default 0.75. */
  readonly high?: number;
  /** Default 0.88. */
  readonly critical?: number;
  /** 99th percentile of the event loop's delay from which on the level is `high`, never more, in milliseconds. Default 250. */
  readonly loopDelayMs?: number;
}

export type PressureCause = "none" | "memory" | "event-loop";

export interface Pressure {
  readonly level: PressureLevel;
  /** What presses most. */
  readonly cause: PressureCause;
  /** The same in words. */
  readonly reason: string;
  readonly sample: ProcessSample | undefined;
}

/** Watches what the process takes, so that it gives way before it is in danger. */
export interface PressureMonitor {
  current(): Pressure;
  close(): void;
}

export interface PressureMonitorOptions extends PressureLimits {
  readonly sample: () => ProcessSample;
  readonly clock: Clock;
  /** Hears of each sample, with the level that follows from it. */
  readonly onSample: (pressure: Pressure & { readonly sample: ProcessSample }) => void;
  /** Hears when the level has changed. */
  readonly onChange: (pressure: Pressure, before: PressureLevel) => void;
  /** Default 200, and a fifth of it from three fifths of the way to `high` on. */
  readonly everyMs?: number;
}

interface Measure {
  readonly degree: number;
  readonly cause: PressureCause;
  readonly words: string;
}

const LEVELS = ["normal", "high", "critical"] as const satisfies readonly PressureLevel[];
/** A level is left only when what presses has fallen so far below its bound, as a share of it. */
const SLACK = 0.1;
/** What grows fast passes from here to the limit within a slow interval. */
const NEAR = 0.6;
/** So often in a row. */
const CALM_SAMPLES = 3;
/** A late loop slows things down, and kills nobody. */
const MOST_OF_DELAY = 1.9;

/** Rises at once, and falls a level at a time when three samples in a row lie a tenth below its bound. */
export function createPressureMonitor(options: PressureMonitorOptions): PressureMonitor {
  const { limitBytes, high = 0.75, critical = 0.88, loopDelayMs = 250 } = options;
  const { sample: look, clock, onSample, onChange, everyMs = 200 } = options;
  let level = 0;
  let calm = 0;
  let worstDegree = 0;
  let cause: PressureCause = "none";
  let reason = "Nothing presses.";
  let last: ProcessSample | undefined;
  let timer: Timer | undefined;
  let isClosed = false;

  /** How far each measure has come, where 1 is `high` and 2 is `critical`. */
  function measuresOf(sample: ProcessSample): readonly Measure[] {
    const heap = sample.heapUsedBytes / sample.heapLimitBytes;
    const rss = sample.rssBytes / limitBytes;
    return [
      { degree: degreeOf(heap, high, critical), cause: "memory", words: `The heap is ${percent(heap)} of its limit.` },
      { degree: degreeOf(rss, high, critical), cause: "memory", words: `The memory is ${percent(rss)} of its limit.` },
      {
        degree: Math.min(MOST_OF_DELAY, sample.loopDelayMs / loopDelayMs),
        cause: "event-loop",
        words: `The event loop is ${Math.round(sample.loopDelayMs)} ms late.`,
      },
    ];
  }

  function judge(): void {
    const sample = look();
    last = sample;
    const worst = measuresOf(sample).reduce((a, b) => (b.degree > a.degree ? b : a));
    worstDegree = worst.degree;
    const before = level;
    const wanted = Math.min(2, Math.floor(worst.degree));
    if (wanted > level) {
      level = wanted;
      calm = 0;
    } else if (worst.degree < level - SLACK * level) {
      calm++;
      if (calm >= CALM_SAMPLES) {
        level--;
        calm = 0;
      }
    } else calm = 0;
    cause = level === 0 ? "none" : worst.cause;
    reason = level === 0 ? "Nothing presses." : worst.words;
    if (level !== before) onChange(current(), LEVELS[before] ?? "normal");
    onSample({ ...current(), sample });
  }

  function current(): Pressure {
    return { level: LEVELS[level] ?? "normal", cause, reason, sample: last };
  }

  function schedule(): void {
    if (isClosed) return;
    timer = clock.after(worstDegree < NEAR ? everyMs : everyMs / 5, () => {
      judge();
      schedule();
    });
  }

  schedule();
  return {
    current,
    close() {
      isClosed = true;
      timer?.cancel();
    },
  };
}

/** 0 at nothing, 1 at the first bound, 2 at the second. */
function degreeOf(value: number, first: number, second: number): number {
  return value < first ? value / first : 1 + (value - first) / (second - first);
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
