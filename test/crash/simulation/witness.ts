import { number, text } from "../../../src/store/row.ts";
import type { AdmitResult, RunRecord, RunStore } from "../../../src/store/store.ts";
import type { SimulatedStore } from "./store.ts";

/** One process, from its start until it dies, is closed, or has seen everything through. */
export interface Life {
  isDead: boolean;
  /** Whether it does not know that it is dead, and writes for a while. */
  isZombie: boolean;
  readonly died: PromiseWithResolvers<void>;
}

/** Sees every call of the store and every body that runs, and tells what must not be. */
export interface Witness {
  readonly violations: string[];
  readonly refused: number;
  /** When the runs of an automation with a rate might start as they were admitted, in order. */
  plannedAt(automation: string): readonly number[];
  /** A step's body begins. */
  begin(life: Life, run: string, step: string): void;
  /** The store has done what it was asked. */
  note(name: string, params: unknown, result: unknown): void;
  /** Whoever asked has heard of it. */
  acknowledge(name: string, params: unknown, result: unknown): void;
  /** Power failed. `isDurable`: nothing that was acknowledged may be gone. */
  forget(isDurable: boolean): void;
}

export interface WitnessParams {
  readonly store: SimulatedStore;
  /** Of the automations with a limit. */
  readonly limits: ReadonlyMap<string, number>;
}

const HELD =
  "select automation, concurrency_key, count(*) as n from runs where status = 'running' and concurrency_key is not null group by 1, 2";
const WAITING_FIRST = "select max(priority) as first from runs where lane = 'ready'";

export function createWitness({ store, limits }: WitnessParams): Witness {
  const violations: string[] = [];
  const stored = new Set<string>();
  const acknowledged = new Set<string>();
  const epochs = new Map<string, number>();
  const planned = new Map<string, { readonly automation: string; readonly at: number }>();
  let refused = 0;

  function requireNewest(what: string, { runId, epoch }: { readonly runId: string; readonly epoch: number }): void {
    if (epoch !== epochs.get(runId)) violations.push(`${what} of ${runId} was written under an old claim`);
  }

  function claimed(runs: readonly RunRecord[], asked: Parameters<RunStore["claim"]>[0]): void {
    for (const { id, epoch } of runs) {
      if (epoch <= (epochs.get(id) ?? 0)) violations.push(`${id} was claimed twice under one epoch`);
      epochs.set(id, epoch);
    }
    for (const row of runs.length === 0 ? [] : store.all(HELD)) {
      const limit = limits.get(text(row, "automation")) ?? Infinity;
      if (number(row, "n") > limit)
        violations.push(`${number(row, "n")} runs of ${text(row, "concurrency_key")} at once`);
    }
    const first = store.all(WAITING_FIRST)[0]?.["first"] ?? null;
    if (first === null) return;
    if (runs.length < asked.limit) violations.push(`a run that is ready was passed over though a slot was free`);
    if (runs.some(({ priority }) => priority < Number(first)))
      violations.push("a run was claimed before a more urgent one");
  }

  /** What is stored may have become less: by a retry, or a power cut. */
  function recount(): void {
    stored.clear();
    for (const row of store.all("select run, id from steps where state <> 'open'")) {
      stored.add(`${text(row, "run")} ${text(row, "id")}`);
    }
  }

  return {
    violations,
    get refused() {
      return refused;
    },
    plannedAt: (automation) =>
      store
        .all("select id from runs where automation = :automation", { automation })
        .flatMap((row) => planned.get(text(row, "id"))?.at ?? [])
        .toSorted((a, b) => a - b),
    begin(life, run, step) {
      if (!life.isDead && stored.has(`${run} ${step}`)) violations.push(`${step} of ${run} ran though it was stored`);
    },
    note(name, params, result) {
      if (result === "fenced" || result === false) refused += 1;
      if (name === "claim") {
        claimed(result as readonly RunRecord[], params as Parameters<RunStore["claim"]>[0]);
      } else if (name === "admit" && (result as AdmitResult).isNew) {
        const { runId: id } = result as AdmitResult;
        const row = store.all("select automation, available_at from runs where id = :id", { id })[0];
        if (row !== undefined)
          planned.set(id, { automation: text(row, "automation"), at: number(row, "available_at") });
      } else if (name === "finish" && result === true) {
        requireNewest("the end", params as Parameters<RunStore["finish"]>[0]);
      } else if (name === "park" && result === "parked") {
        requireNewest("a park", params as Parameters<RunStore["park"]>[0]);
      } else if (name === "undo" && result === true) {
        requireNewest("its failure", params as Parameters<RunStore["undo"]>[0]);
      } else if (name === "cancel" && result === true) {
        const { runId } = params as Parameters<RunStore["cancel"]>[0];
        // Whatever the worker that held it still writes comes too late.
        epochs.set(runId, (epochs.get(runId) ?? 0) + 1);
      } else if (name === "retry" && result === true) {
        recount();
        acknowledged.clear();
      } else if (name === "put" && result === "stored") {
        const { runId, epoch, step } = params as Parameters<RunStore["put"]>[0];
        requireNewest(`step ${step.id}`, { runId, epoch });
        if (step.state === "open") return;
        if (stored.has(`${runId} ${step.id}`)) violations.push(`${step.id} of ${runId} was stored twice`);
        stored.add(`${runId} ${step.id}`);
      }
    },
    acknowledge(name, params, result) {
      if (name === "put" && result === "stored") {
        const { runId, step } = params as Parameters<RunStore["put"]>[0];
        if (step.state !== "open") acknowledged.add(`${runId} ${step.id}`);
      }
      if (name === "admit")
        acknowledged.add((result as AdmitResult).isDropped ? "" : `${(result as AdmitResult).runId} #run`);
    },
    forget(isDurable) {
      recount();
      epochs.clear();
      const runs = store.all("select id, epoch from runs");
      for (const row of runs) epochs.set(text(row, "id"), number(row, "epoch"));
      if (isDurable) {
        const kept = new Set([...stored, ...runs.map((row) => `${text(row, "id")} #run`), ""]);
        for (const one of acknowledged)
          if (!kept.has(one)) violations.push(`${one} was acknowledged, and went with the power`);
      }
      acknowledged.clear();
    },
  };
}
