import { MillraceError } from "../core/errors.ts";
import type { Host } from "../host.ts";
import type { RunRecord } from "../store/store.ts";

/** Shorter ones are too often the same. */
const SHORTEST_PART = 8;

/**
 * Finds a run by its id, or by at least 8 characters with which its id alone begins or ends: lists show ids shortened. Throws RUN_UNKNOWN,
 * and INPUT_INVALID when several runs are meant.
 */
export async function requireRun({ store }: Pick<Host, "store">, given: string): Promise<RunRecord> {
  const exact = await store.runs.get(given);
  if (exact !== undefined) return exact;
  const part = given.replaceAll("…", "");
  const [first, second] = part.length < SHORTEST_PART ? [] : await store.runs.idsWith(part);
  if (first !== undefined && second !== undefined) {
    throw new MillraceError("INPUT_INVALID", `"${given}" stands for several runs, among them ${first} and ${second}.`, {
      facts: { id: given },
      advice: "Give more of the id; `millrace runs list` shows it whole.",
    });
  }
  const run = first === undefined ? undefined : await store.runs.get(first);
  if (run !== undefined) return run;
  throw new MillraceError("RUN_UNKNOWN", `There is no run ${given}.`, { facts: { id: given } });
}
