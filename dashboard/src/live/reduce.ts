import type { LiveEvent, RunSummary } from "millrace/http";

/** How far a step.map has come. */
export interface MapProgress {
  readonly done: number;
  readonly failed: number;
  readonly total: number;
}

/** A run that is being executed, as far as events have told. */
export interface LiveRun {
  readonly id: string;
  readonly automation: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Steps whose body runs now, with the time they started. */
  readonly openSteps: Readonly<Record<string, number>>;
  readonly maps: Readonly<Record<string, MapProgress>>;
}

export interface LiveState {
  readonly runs: Readonly<Record<string, LiveRun>>;
  /** Runs that ended lately: a list that was read before the end must not bring them back. */
  readonly ended: readonly string[];
}

export const NOTHING_LIVE: LiveState = { runs: {}, ended: [] };
const REMEMBERED_ENDS = 200;

/** Follows one event. Gives the same state when the event tells nothing new. */
export function reduceLive(state: LiveState, event: LiveEvent): LiveState {
  switch (event.name) {
    case "run-start":
      return withRun(withoutEnd(state, event.data.runId), {
        id: event.data.runId,
        automation: event.data.automation,
        startedAt: event.data.at,
        openSteps: {},
        maps: state.runs[event.data.runId]?.maps ?? {},
      });
    case "run-end":
      return withoutRun(state, event.data.runId);
    case "step-start":
      return change(state, event.data.runId, (run) => ({
        ...run,
        openSteps: { ...run.openSteps, [event.data.step]: event.data.at },
      }));
    case "step-end":
      return change(state, event.data.runId, (run) => ({ ...run, openSteps: without(run.openSteps, event.data.step) }));
    case "step-progress": {
      const { runId, step, done, failed, total } = event.data;
      return change(state, runId, (run) => ({ ...run, maps: { ...run.maps, [step]: { done, failed, total } } }));
    }
    case "run-queued":
    case "call-end":
    case "call-failed":
      return state;
  }
}

/** Takes over a fresh list of running runs; what events told about them is kept, also that of `since`, which came while the list was on its way. */
export function seedLive(
  state: LiveState,
  running: readonly RunSummary[],
  since: readonly LiveEvent[] = [],
): LiveState {
  const runs: Record<string, LiveRun> = {};
  for (const run of running) {
    if (state.ended.includes(run.id)) continue;
    runs[run.id] = state.runs[run.id] ?? {
      id: run.id,
      automation: run.automation,
      startedAt: Date.parse(run.startedAt ?? run.createdAt),
      openSteps: {},
      maps: Object.fromEntries(run.progress.map(({ step, done, failed, total }) => [step, { done, failed, total }])),
    };
  }
  return since.reduce(reduceLive, { ...state, runs });
}

function withRun(state: LiveState, run: LiveRun): LiveState {
  return { ...state, runs: { ...state.runs, [run.id]: run } };
}

function withoutRun(state: LiveState, runId: string): LiveState {
  return { runs: without(state.runs, runId), ended: [...state.ended, runId].slice(-REMEMBERED_ENDS) };
}

function withoutEnd(state: LiveState, runId: string): LiveState {
  return { ...state, ended: state.ended.filter((id) => id !== runId) };
}

function change(state: LiveState, runId: string, edit: (run: LiveRun) => LiveRun): LiveState {
  const run = state.runs[runId];
  return run === undefined ? state : withRun(state, edit(run));
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}
