import type { Row } from "../store.ts";
import { number, text } from "../row.ts";
import type { Connection } from "./connections.ts";

/** A run that may start, now or later. */
export interface Startable {
  readonly id: string;
  readonly epoch: number;
  readonly automation: string;
  readonly priority: number;
  readonly availableAt: number;
  readonly lane: "ready" | "later";
}

/** What a claim has taken from the queue. */
export interface Taken {
  /** The runs whose jobs were taken. */
  readonly runIds: readonly string[];
  /** Resolves when the jobs are gone; to be awaited before the commit. */
  readonly gone: Promise<void>;
}

/**
 * Brings runs that may start to those who execute them, beside the table of runs, which stays the truth. A job carries a run's id and is
 * made in the transaction that lets the run start; a claim takes as many jobs as it has slots, and as many runs by their turn in the table.
 * So a job too many is harmless, and one too few is noticed by whoever finds the queue empty and the table not.
 */
export interface Dispatch {
  /**
   * Makes a job for each that has none of this epoch, and says for how many. `isMoved`: a job that it has is replaced, as it may be for
   * another time.
   */
  enqueue(connection: Connection, runs: readonly Startable[], how: { readonly isMoved: boolean }): Promise<number>;
  /** Takes jobs whose time has come, at most `limit`; of other automations only those that this process has not met yet. */
  take(
    connection: Connection,
    params: { readonly limit: number; readonly automations: readonly string[] },
  ): Promise<Taken>;
}

/** What statements give back of a run that they let start, or do not. */
export const STARTABLE_COLUMNS = ["id", "epoch", "automation", "priority", "available_at", "lane"]
  .map((name) => `runs.${name}`)
  .join(", ");

/** The runs that may start, of the rows that statements gave back. */
export function startable(rows: readonly Row[]): readonly Startable[] {
  return rows.flatMap((row) => {
    const { lane } = row;
    if (lane !== "ready" && lane !== "later") return [];
    return [
      {
        id: text(row, "id"),
        epoch: number(row, "epoch"),
        automation: text(row, "automation"),
        priority: number(row, "priority"),
        availableAt: number(row, "available_at"),
        lane,
      },
    ];
  });
}
