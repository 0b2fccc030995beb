import assert from "node:assert/strict";
import { createSeededRandom, type Random } from "../../core/random.ts";
import type { RunStatus } from "../store.ts";
import { type ContractBench, type ContractTest, putOf } from "./bench.ts";

/** What a run should be: the contract in a few plain fields. */
interface ModelRun {
  readonly id: string;
  readonly priority: number;
  status: RunStatus;
  availableAt: number;
  epoch: number;
  crashes: number;
  readonly steps: Set<string>;
}

const SEEDS = [1, 2, 3, 4, 5, 6];
const MOVES = 120;

export function modelContract(test: ContractTest): void {
  for (const seed of SEEDS) {
    test(`agrees with the model after each of ${MOVES} random moves, seed ${seed}`, async (bench) => {
      const random = createSeededRandom(seed);
      const model = new Map<string, ModelRun>();
      for (let move = 0; move < MOVES; move++) {
        const [name, make] = pick(random, Object.entries(MOVES_OF));
        await make(bench, model, random);
        await assertAgreement(bench, model, `move ${move}: ${name}`);
      }
    });
  }
}

type Move = (bench: ContractBench, model: Map<string, ModelRun>, random: Random) => Promise<void>;

const MOVES_OF: Readonly<Record<string, Move>> = {
  async admit({ admit, clock }, model, random) {
    const priority = Math.floor(random.next() * 3);
    const availableAt = clock.now() + Math.floor(random.next() * 3) * 40;
    const id = await admit({ priority, availableAt });
    model.set(id, { id, priority, status: "queued", availableAt, epoch: 0, crashes: 0, steps: new Set() });
  },
  async claim({ claim, clock }, model, random) {
    const limit = 1 + Math.floor(random.next() * 3);
    const due = [...model.values()]
      .filter((run) => run.status === "queued" && run.availableAt <= clock.now())
      .sort((a, b) => b.priority - a.priority || a.availableAt - b.availableAt || (a.id < b.id ? -1 : 1))
      .slice(0, limit);
    for (const run of due) Object.assign(run, { status: "running", epoch: run.epoch + 1 });
    const given = await claim({ limit });
    assert.deepEqual(
      given.map(({ id, epoch }) => [id, epoch]),
      due.map(({ id, epoch }) => [id, epoch]),
    );
  },
  async put({ store, requireRun }, model, random) {
    const run = any(model, random);
    if (run === undefined) return;
    const epoch = run.epoch - Math.floor(random.next() * 2);
    const id = `s${Math.floor(random.next() * 3)}`;
    const holds = run.status === "running" && epoch === run.epoch;
    const expected = !holds ? "fenced" : run.steps.has(id) ? "kept" : "stored";
    if (expected === "stored") run.crashes = 0;
    if (holds) run.steps.add(id);
    assert.equal(await store.runs.put(putOf({ ...(await requireRun(run.id)), epoch }, { id })), expected);
  },
  async finish({ end, requireRun }, model, random) {
    const run = any(model, random);
    if (run === undefined) return;
    const holds = run.status === "running";
    const isFailure = random.next() < 0.5;
    if (holds) run.status = isFailure ? "failed" : "done";
    assert.equal(await end(await requireRun(run.id), isFailure ? "ERROR" : undefined), holds);
  },
  async park({ store, clock }, model, random) {
    const run = any(model, random);
    if (run === undefined) return;
    const holds = run.status === "running";
    const availableAt = clock.now() + Math.floor(random.next() * 80) - 20;
    if (holds) Object.assign(run, { status: "queued", availableAt });
    const { id: runId, epoch } = run;
    assert.equal(
      await store.runs.park({ runId, epoch, availableAt, attempt: 1, error: null }),
      holds ? "parked" : "fenced",
    );
  },
  async cancel({ store, clock }, model, random) {
    const run = any(model, random);
    if (run === undefined) return;
    const isOpen = run.status === "queued" || run.status === "running";
    if (isOpen) Object.assign(run, { status: "canceled", epoch: run.epoch + 1 });
    assert.equal(await store.runs.cancel({ runId: run.id, now: clock.now() }), isOpen);
  },
  async retry({ store, clock }, model, random) {
    const run = any(model, random);
    if (run === undefined) return;
    const isGivenUp = run.status === "failed" || run.status === "canceled";
    if (isGivenUp) Object.assign(run, { status: "queued", availableAt: clock.now(), crashes: 0 });
    assert.equal(await store.runs.retry({ runId: run.id, now: clock.now() }), isGivenUp);
  },
  async recover({ store, clock }, model) {
    const expected = { queued: 0, failed: new Array<string>() };
    for (const run of model.values()) {
      if (run.status !== "running") continue;
      run.crashes += 1;
      run.status = run.crashes >= 2 ? "failed" : "queued";
      if (run.status === "failed") expected.failed.push(run.id);
      else expected.queued += 1;
    }
    const { queued, failed } = await store.runs.recover({ now: clock.now(), crashLimit: 2 });
    assert.deepEqual({ queued, failed: failed.map(({ id }) => id).toSorted() }, expected);
  },
  async wait({ clock }, _model, random) {
    await clock.advance(Math.floor(random.next() * 60));
  },
};

async function assertAgreement({ store, clock }: ContractBench, model: ReadonlyMap<string, ModelRun>, what: string) {
  const { runs, total } = await store.runs.list({ limit: 1_000 });
  assert.equal(total, model.size);
  const expected = [...model.values()]
    .map(({ id, status, epoch, crashes }) => [id, status, epoch, crashes])
    .toReversed();
  const found = runs.map(({ id, status, epoch, crashes }) => [id, status, epoch, crashes]);
  assert.deepEqual(found, expected, what);

  const waiting = [...model.values()].filter((run) => run.status === "queued" && run.availableAt > clock.now());
  const due = waiting.length === 0 ? undefined : Math.min(...waiting.map((run) => run.availableAt));
  assert.equal(await store.runs.nextDueAt({ now: clock.now() }), due, what);
}

function any(model: ReadonlyMap<string, ModelRun>, random: Random): ModelRun | undefined {
  return model.size === 0 ? undefined : pick(random, [...model.values()]);
}

function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[Math.floor(random.next() * choices.length)] as T;
}
