import assert from "node:assert/strict";
import { it } from "node:test";
import type { Clock } from "../../core/clock.ts";
import { type ErrorCode, MillraceError } from "../../core/errors.ts";
import { createIds, type Ids } from "../../core/ids.ts";
import { createManualClock, type ManualClock } from "../../core/manual-clock.ts";
import { createSeededRandom, type Random, systemRandom } from "../../core/random.ts";
import type { AdmitParams, PutStepParams, RunRecord, StepRecord, Store } from "../store.ts";

/**
 * Opens a store. Two of the same place see the same data, as two processes would; another place is empty at first. Whoever opens
 * closes.
 */
export type OpenStore = (params: { readonly place: string; readonly clock: Clock }) => Promise<Store>;

/** What a test of the contract stands on. */
export interface ContractBench {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly ids: Ids;
  readonly random: Random;
  /** Opens a second store on the same data; closed with the test. */
  readonly another: () => Promise<Store>;
  /** Admits a run of the automation `job`, with an event of its own, and gives its id. */
  readonly admit: (params?: Partial<AdmitParams>) => Promise<string>;
  /** Claims the next runs of `job`. */
  readonly claim: (params?: { readonly limit?: number; readonly workerId?: string }) => Promise<readonly RunRecord[]>;
  /** Admits and claims one run. */
  readonly running: (params?: Partial<AdmitParams>) => Promise<RunRecord>;
  /** Finishes a claimed run with an output or, when there is a code, with that error. */
  readonly end: (run: RunRecord, code?: string) => Promise<boolean>;
  readonly requireRun: (runId: string) => Promise<RunRecord>;
}

export const START_AT = Date.UTC(2026, 0, 1);

/** Declares a test with an empty store of its own. */
export type ContractTest = (title: string, work: (bench: ContractBench) => Promise<void>) => void;

export function createContractTest(open: OpenStore): ContractTest {
  const places = createIds({ clock: createManualClock(START_AT), random: systemRandom });
  return (title, work) => {
    void it(title, async () => {
      const clock = createManualClock(START_AT);
      const place = places.next();
      const opened: Store[] = [];
      async function another(): Promise<Store> {
        const store = await open({ place, clock });
        opened.push(store);
        return store;
      }
      try {
        await work(createBench(await another(), clock, another));
      } finally {
        for (const store of opened.toReversed()) await store.close();
      }
    });
  };
}

function createBench(store: Store, clock: ManualClock, another: () => Promise<Store>): ContractBench {
  const random = createSeededRandom(1);
  const ids = createIds({ clock, random });
  async function admit(params: Partial<AdmitParams> = {}): Promise<string> {
    const id = ids.next();
    await store.runs.admit({ id, automation: "job", event: JSON.stringify({ id }), now: clock.now(), ...params });
    return params.id ?? id;
  }
  function claim({ limit = 100, workerId = "w1" } = {}): Promise<readonly RunRecord[]> {
    return store.runs.claim({ workerId, automations: ["job"], limit, now: clock.now() });
  }
  return {
    store,
    clock,
    ids,
    random,
    another,
    admit,
    claim,
    async running(params) {
      const id = await admit(params);
      const run = (await claim()).find((claimed) => claimed.id === id);
      assert.ok(run, "the run was not given to its worker");
      return run;
    },
    end: ({ id: runId, epoch }, code) => {
      const ending =
        code === undefined
          ? ({ status: "done", output: '"answer"' } as const)
          : ({ status: "failed", error: { code, message: "it broke" } } as const);
      return store.runs.finish({ runId, epoch, ending, now: clock.now() });
    },
    async requireRun(runId) {
      const run = await store.runs.get(runId);
      assert.ok(run, `there is no run ${runId}`);
      return run;
    },
  };
}

/** A finished step, to be changed in the fields that a test is about. */
export function stepOf(changes: Partial<StepRecord> = {}): StepRecord {
  const at = START_AT;
  return {
    id: "step",
    kind: "run",
    state: "done",
    output: "1",
    error: null,
    attempt: 1,
    startedAt: at,
    endedAt: at,
    event: null,
    match: null,
    cursor: null,
    isUndoable: false,
    ...changes,
  };
}

/** What `put` takes for a step of a claimed run. */
export function putOf({ id, epoch }: RunRecord, changes: Partial<StepRecord> = {}): PutStepParams {
  return { runId: id, epoch, step: stepOf(changes) };
}

/** Texts that databases and encodings like to damage. */
export const HARD_TEXTS: readonly string[] = [
  "",
  "'; drop table runs; --",
  "Zoë naïve Ünïcödé ελληνικά 日本語 עברית",
  "👩‍👩‍👧‍👦 🏳️‍🌈",
  "line\r\nline\u2028\u2029\ttab\u007f",
  "e\u0301 and é are not the same",
  "\uFEFFmark first",
  "\\u0000 %s :id $1 ?1 @x",
  "\u{10FFFF}\uFFFD",
];

/** Values whose JSON text must come back as it was, byte by byte: in JSON even these are escaped. */
export const HARD_VALUES: readonly unknown[] = [
  ...HARD_TEXTS,
  "zero \u0000 byte",
  "half \uD83D pair",
  -0,
  1e308,
  Number.MIN_VALUE,
  nested(200),
  { "": null, "a.b": [[]], constructor: 1 },
];

function nested(depth: number): unknown {
  let value: unknown = "core";
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

/** Asserts that a promise is rejected under a code, and gives the error. */
export async function rejected(promise: Promise<unknown>, code: ErrorCode): Promise<MillraceError> {
  const outcome = await promise.then(
    (value) => assert.fail(`expected ${code}, got ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  if (!(outcome instanceof MillraceError)) throw outcome;
  assert.equal(outcome.code, code, outcome.message);
  return outcome;
}
