import type { CallStepView } from "millrace/http";

/** A stage of a call as it is drawn: where it begins and how long it is, as shares (0 to 1) of the whole. */
export interface TrailRow {
  readonly step: CallStepView;
  /** Which time the call came to this stage, from 1 on; null where it came but once. */
  readonly attempt: number | null;
  readonly start: number;
  readonly length: number;
}

/** Lays the stages of a call out over its time. */
export function layOutTrail(trail: readonly CallStepView[], callMs: number): TrailRow[] {
  const whole = Math.max(0.1, callMs, ...trail.map(({ toMs }) => toMs));
  const seen = new Map<string, number>();
  const again = new Set(trail.map(({ stage }) => stage).filter((stage, index, all) => all.indexOf(stage) !== index));
  return trail.map((step) => {
    const attempt = (seen.get(step.stage) ?? 0) + 1;
    seen.set(step.stage, attempt);
    return {
      step,
      attempt: again.has(step.stage) ? attempt : null,
      start: step.fromMs / whole,
      length: (step.toMs - step.fromMs) / whole,
    };
  });
}
