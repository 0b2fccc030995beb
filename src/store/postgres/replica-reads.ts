import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { number, numberOrNull } from "../row.ts";
import { reasonOf } from "./postgres-error.ts";
import type { Reading } from "./reading.ts";

/** `in use`; `behind`: it lags further behind the primary than it may; `away`: it does not answer. */
export type ReplicaState = "in use" | "behind" | "away";

export interface ReplicaReadsOptions {
  readonly replica: Reading;
  readonly primary: Reading;
  /** How far it may lag behind the primary, in milliseconds. */
  readonly maxLagMs: number;
  readonly clock: Clock;
  readonly log: Log | undefined;
}

/** Reads that may lag a little: from the replica where it is near enough, else from the primary. */
export interface ReplicaReads extends Reading {
  state(): ReplicaState;
  /** Looks how far the replica is, now. Reads have it looked at each second. */
  look(): Promise<void>;
}

const LOOK_MS = 1_000;
/** Where the primary's journal stands, and where what the replica has replayed of it does; null: it replays nobody's. */
const WRITTEN = "select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint as place";
const REPLAYED = "select pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint as place";

export function createReplicaReads({ replica, primary, maxLagMs, clock, log }: ReplicaReadsOptions): ReplicaReads {
  /** Places of the primary's journal that the replica had not reached yet, oldest first, and when they were read. */
  let ahead: { readonly place: number; readonly at: number }[] = [];
  let state: ReplicaState = "in use";
  let looking: Promise<void> | undefined;
  let lookedAt = -Infinity;

  function become(next: ReplicaState, facts: object): void {
    if (next === state) return;
    state = next;
    if (next === "in use") log?.info({ ...facts, replica: next }, "pages of runs are read from the replica again");
    else log?.warn({ ...facts, replica: next }, "the replica is not used: pages of runs are read from the primary");
  }

  async function measure(): Promise<void> {
    const at = clock.monotonic();
    try {
      const written = await primary.get(WRITTEN);
      const replayed = await replica.get(REPLAYED);
      const place = replayed && numberOrNull(replayed, "place");
      if (written !== undefined) ahead.push({ place: number(written, "place"), at });
      ahead = ahead.filter((each) => typeof place === "number" && each.place > place).slice(-1_000);
      const lagMs = at - (ahead[0]?.at ?? at);
      become(lagMs > maxLagMs ? "behind" : "in use", { lagMs: Math.round(lagMs) });
    } catch (error) {
      become("away", { reason: reasonOf(error) });
    }
  }

  function look(): Promise<void> {
    lookedAt = clock.monotonic();
    looking ??= measure().finally(() => (looking = undefined));
    return looking;
  }

  async function all(...query: Parameters<Reading["all"]>): ReturnType<Reading["all"]> {
    if (clock.monotonic() - lookedAt >= LOOK_MS) void look();
    if (state !== "in use") return await primary.all(...query);
    try {
      return await replica.all(...query);
    } catch (error) {
      become("away", { reason: reasonOf(error) });
      return await primary.all(...query);
    }
  }

  return { all, get: async (...query) => (await all(...query))[0], state: () => state, look };
}
