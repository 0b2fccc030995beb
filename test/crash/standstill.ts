import type { RunRecord, RunStore, StepRecord } from "../../src/store/store.ts";

/** The store as processes see it that stand still at some of its calls, for ever: before it is asked, or without hearing its answer. */
export interface Standstill {
  readonly runs: RunStore;
  /** To be awaited wherever a run may stand still; resolves when it need not. */
  reach(runId: string, point: string): Promise<void>;
  /** Whether a run stands still. */
  stands(runId: string): boolean;
}

export interface StandstillOptions {
  readonly runs: RunStore;
  /** The point at which what belongs together stands still; undefined when it goes through. */
  readonly pointOf: (key: string) => string | undefined;
  readonly onStanding: (key: string) => void;
  /** Called when a run was given back to wait. */
  readonly onParked: (runId: string, step: string) => void;
}

type Call = (params: unknown) => Promise<unknown>;

/** Runs and events of one key belong together: their data say `key`. */
export function createStandstill({ runs, pointOf, onStanding, onParked }: StandstillOptions): Standstill {
  const known = new Map<string, { readonly key: string; readonly automation: string }>();
  /** The step that a run opened last: what it is given back for. */
  const opened = new Map<string, string>();
  const standing = new Set<string>();

  function learn({ id, automation, event }: Pick<RunRecord, "id" | "automation" | "event">): void {
    const { data } = JSON.parse(event) as { data: { key: string } };
    known.set(id, { key: data.key, automation });
  }

  async function reach(runId: string, point: string): Promise<void> {
    const key = known.get(runId)?.key ?? "";
    if (!standing.has(runId) && pointOf(key)?.split(" or ").includes(point) !== true) return;
    if (!standing.has(runId)) {
      standing.add(runId);
      onStanding(key);
    }
    await new Promise(() => undefined);
  }

  /** Who is concerned by a call, and what the call is named. */
  function callOf(name: string, params: unknown): { readonly runId: string; readonly what: string } | undefined {
    const {
      runId = "",
      step,
      automation,
      ...more
    } = (params ?? {}) as {
      readonly runId?: string;
      readonly step?: StepRecord;
      readonly automation?: string;
      readonly id: string;
      readonly name: string;
      readonly event: string;
      readonly data: string;
    };
    const of = known.get(runId)?.automation ?? "";
    switch (name) {
      case "put":
        if (step?.state === "open") opened.set(runId, step.id);
        return { runId, what: `put ${step?.id} ${step?.state}` };
      case "park":
        return { runId, what: `park ${opened.get(runId)}` };
      case "undo":
      case "finish":
      case "cancel":
        return { runId, what: `${name} ${of}` };
      case "admit": {
        learn({ id: more.id, automation: automation ?? "", event: more.event });
        return { runId: more.id, what: `admit ${automation}` };
      }
      case "emit": {
        const { key, run } = JSON.parse(more.data) as { key: string; run: string };
        known.set(run, { key, automation: "course" });
        return { runId: run, what: `emit ${more.name}` };
      }
      default:
        return undefined;
    }
  }

  /** Of what was claimed, the runs that are handed on: the answer about those that stand still does not arrive. */
  function handedOn(claimed: readonly RunRecord[]): readonly RunRecord[] {
    return claimed.filter((run) => {
      learn(run);
      void reach(run.id, `after claim ${run.automation}`);
      return !standing.has(run.id);
    });
  }

  return {
    runs: new Proxy(runs, {
      get(target, name: string) {
        const ask = Reflect.get(target, name) as Call;
        return async (params: unknown) => {
          if (name === "claim") return handedOn((await ask.call(target, params)) as readonly RunRecord[]);
          const call = callOf(name, params);
          if (call === undefined) return ask.call(target, params);
          await reach(call.runId, `before ${call.what}`);
          const result = await ask.call(target, params);
          await reach(call.runId, `after ${call.what}`);
          if (result === "parked") onParked(call.runId, opened.get(call.runId) ?? "");
          return result;
        };
      },
    }),
    reach,
    stands: (runId) => standing.has(runId),
  };
}
