import type { StepView } from "millrace/http";

/** A bar of the picture: where it begins and how long it is, as shares (0 to 1) of the whole. */
export interface Bar {
  readonly id: string;
  readonly state: StepView["state"] | "running" | "waiting";
  readonly start: number;
  readonly length: number;
  readonly ms: number | null;
  /** Which row of a group it is drawn in: items that overlap in time get different ones. */
  readonly lane: number;
}

/** A step, or all items of a step.map together. */
export interface TimelineRow {
  readonly name: string;
  readonly steps: readonly StepView[];
  readonly bars: readonly Bar[];
  readonly lanes: number;
  readonly isMap: boolean;
  readonly done: number;
  readonly failed: number;
  /** Items in all, when it is known. */
  readonly total: number;
  readonly ms: number | null;
  readonly state: Bar["state"];
}

export interface TimelineInput {
  readonly steps: readonly StepView[];
  /** Steps whose body runs now, with the time they started (milliseconds since the epoch). */
  readonly openSteps: Readonly<Record<string, number>>;
  readonly maps: Readonly<Record<string, { readonly done: number; readonly failed: number; readonly total: number }>>;
  /** Start of the run and the end of the picture, milliseconds since the epoch. */
  readonly startAt: number;
  readonly endAt: number;
}

interface Span {
  readonly id: string;
  readonly state: Bar["state"];
  readonly from: number;
  readonly to: number;
}

/** Lays the steps of a run out over time, in the order in which they began; the items of a map share a row. */
export function layOutTimeline(input: TimelineInput): TimelineRow[] {
  const groups = new Map<string, { steps: StepView[]; spans: Span[] }>();
  const groupOf = (id: string) => {
    const name = groupName(id);
    const group = groups.get(name) ?? { steps: [], spans: [] };
    groups.set(name, group);
    return group;
  };
  for (const step of input.steps) {
    const group = groupOf(step.id);
    group.steps.push(step);
    if (step.id in input.openSteps) continue;
    const from = Date.parse(step.startedAt);
    // What sleeps or waits lasts until now.
    const state = stateOfStep(step);
    const to = state === "waiting" ? Math.max(from, input.endAt) : from + (step.ms ?? 0);
    group.spans.push({ id: step.id, state, from, to });
  }
  for (const [id, from] of Object.entries(input.openSteps)) {
    groupOf(id).spans.push({ id, state: "running", from, to: Math.max(from, input.endAt) });
  }
  return [...groups]
    .map(([name, group]) => ({
      from: Math.min(...group.spans.map(({ from }) => from)),
      row: toRow(name, group, input),
    }))
    .sort((a, b) => a.from - b.from)
    .map(({ row }) => row);
}

/** A step without a body that is open sleeps or waits; one with a body is to be tried again. */
export function stateOfStep({ state, kind }: StepView): Bar["state"] {
  return state === "open" && kind !== "run" ? "waiting" : state;
}

/** `suggest:kitchen` is an item of `suggest`. */
function groupName(id: string): string {
  const colon = id.indexOf(":");
  return colon === -1 ? id : id.slice(0, colon);
}

function toRow(name: string, group: { steps: StepView[]; spans: Span[] }, input: TimelineInput): TimelineRow {
  const { lanes, bars } = packLanes(group.spans, input);
  const progress = input.maps[name];
  const isMap = progress !== undefined || group.spans.some(({ id }) => id !== name);
  const items = isMap ? group.spans.filter(({ id }) => id !== name) : group.spans;
  const count = (state: Bar["state"]) => items.filter((span) => span.state === state).length;
  const from = Math.min(...group.spans.map((span) => span.from));
  const to = Math.max(...group.spans.map((span) => span.to));
  return {
    name,
    steps: group.steps,
    bars,
    lanes,
    isMap,
    done: progress?.done ?? count("done"),
    failed: progress?.failed ?? count("failed"),
    total: progress?.total ?? items.length,
    ms: group.spans.length === 0 ? null : to - from,
    state: stateOf(group.spans),
  };
}

function stateOf(spans: readonly Span[]): Bar["state"] {
  for (const state of ["running", "waiting", "open", "failed"] as const) {
    if (spans.some((span) => span.state === state)) return state;
  }
  return "done";
}

/** Gives each span the first lane that is free when it begins, as a pool does. */
function packLanes(spans: readonly Span[], { startAt, endAt }: TimelineInput): { lanes: number; bars: Bar[] } {
  const whole = Math.max(1, endAt - startAt);
  const freeAt: number[] = [];
  const bars = spans
    .toSorted((a, b) => a.from - b.from || a.to - b.to)
    .map((span) => {
      const free = freeAt.findIndex((at) => at <= span.from);
      const lane = free === -1 ? freeAt.length : free;
      freeAt[lane] = span.to;
      const start = share(span.from - startAt, whole);
      return {
        id: span.id,
        state: span.state,
        start,
        length: Math.min(share(span.to - span.from, whole), 1 - start),
        ms: span.to - span.from,
        lane,
      };
    });
  return { lanes: Math.max(1, freeAt.length), bars };
}

function share(part: number, whole: number): number {
  return Math.min(1, Math.max(0, part / whole));
}
