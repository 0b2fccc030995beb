import { text, textOrNull } from "../../../src/store/row.ts";
import type { Row } from "../../../src/store/store.ts";
import type { Outcome } from "./scene.ts";

export function runsOf(store: Outcome["store"], automation: string): readonly Row[] {
  return store.all("select * from runs where automation = :automation order by id", { automation });
}

export function runOf(store: Outcome["store"], automation: string, key: string): Row | undefined {
  return store.all(
    "select runs.* from keys join runs on runs.id = keys.run where keys.automation = :automation and key = :key",
    { automation, key },
  )[0];
}

export function stepOf(store: Outcome["store"], run: string, id: string): Row | undefined {
  return store.all("select * from steps where run = :run and id = :id and state = 'done'", { run, id })[0];
}

export function expectEnd(
  store: Outcome["store"],
  automation: string,
  key: string,
  status: string,
  output: string | null,
): readonly string[] {
  const row = runOf(store, automation, key);
  if (row === undefined) return [`${key} is gone`];
  const found = [text(row, "status"), textOrNull(row, "output")];
  if (found[0] === status && found[1] === output) return [];
  return [`${key} came out as ${found.join(" ")} and not ${status} ${output}: ${textOrNull(row, "error")}`];
}

export function expectUndone(
  store: Outcome["store"],
  automation: string,
  key: string,
  step: string,
  times: number,
): readonly string[] {
  const row = runOf(store, automation, key);
  const undone = row === undefined || stepOf(store, text(row, "id"), `#undo:${step}`) === undefined ? 0 : 1;
  return undone === times ? [] : [`${step} of ${key} was undone ${undone} times, not ${times}`];
}

export function expectAllDone(runs: readonly Row[]): readonly string[] {
  return runs
    .filter((row) => row["status"] !== "done")
    .map((row) => `a run of ${text(row, "automation")} is ${text(row, "status")}: ${textOrNull(row, "error")}`);
}

export function expectCount(store: Outcome["store"], automation: string, count: number): readonly string[] {
  const found = runsOf(store, automation).length;
  return found === count ? [] : [`${found} runs of ${automation}, not ${count}`];
}

/** Never more within any time than a bucket of `limit` that fills up within `perMs` gives. */
export function expectSpaced(
  at: readonly number[],
  { limit, perMs }: { readonly limit: number; readonly perMs: number },
): readonly string[] {
  for (let first = 0; first < at.length; first++) {
    for (let last = first + limit; last < at.length; last++) {
      const within = (at[last] ?? 0) - (at[first] ?? 0);
      if (last - first + 1 > limit + ((within + 2) * limit) / perMs) {
        return [`${last - first + 1} starts within ${within} ms, over the rate`];
      }
    }
  }
  return [];
}
