import type { Clock, Timer } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";

/** `prompt`: somebody waits for it to go on, such as the result of a step; `bulk`: many rows, such as a log. */
export type WritePriority = "prompt" | "bulk";

export interface QueuedWrite {
  readonly priority: WritePriority;
  /** Grows from write to write. */
  readonly sequence: number;
  /** About. */
  readonly bytes: number;
  readonly reject: (error: MillraceError) => void;
}

/** What waits for the writer thread: first come, first served within a priority, and bounded. */
export interface WriteQueue<T extends QueuedWrite> {
  /**
   * Takes a write in, or lets it wait for room. One that finds none within 30 s is rejected with CAPACITY_REACHED, as is one that comes when
   * too many wait.
   */
  add(write: T): void;
  /** The next group: half of what waits, so that two are on their way, yet not too few. Empty when nothing waits. */
  take(): readonly T[];
  /** The sequence of the oldest one that waits; Infinity when none does. */
  oldest(): number;
  /** How many wait in all. */
  readonly size: number;
}

export interface WriteQueueOptions {
  readonly clock: Pick<Clock, "after">;
  /** As few writes as a group has while more wait. Default 16. */
  readonly smallest?: number;
  /** As many writes as a group may have. Default 512. */
  readonly largest?: number;
  /** Default 10 000 writes. */
  readonly mostJobs?: number;
  /** Default 64 MiB. A larger write is taken when nothing else waits. */
  readonly mostBytes?: number;
  /** How many may wait for room. Default 100 000. */
  readonly mostWaiting?: number;
  /** How long one waits for room, in milliseconds. Default 30 000. */
  readonly waitMs?: number;
}

/** As many bytes as a group of more than one write may have. */
const GROUP_BYTES = 8 * 1024 * 1024;
/** After so many groups of `prompt` it is the turn of one of `bulk`, so that it moves however busy it is. */
const BULK_TURN = 8;

interface Waiting<T> {
  readonly write: T;
  readonly timer: Timer;
}

export function createWriteQueue<T extends QueuedWrite>(options: WriteQueueOptions): WriteQueue<T> {
  const { clock, smallest = 16, largest = 512, waitMs = 30_000 } = options;
  const { mostJobs = 10_000, mostBytes = 64 * 1024 * 1024, mostWaiting = 100_000 } = options;
  const lanes: Readonly<Record<WritePriority, T[]>> = { prompt: [], bulk: [] };
  const waiting = new Set<Waiting<T>>();
  let bytes = 0;
  let promptGroups = 0;

  function jobs(): number {
    return lanes.prompt.length + lanes.bulk.length;
  }

  function hasRoom(more: number): boolean {
    return jobs() === 0 || (jobs() < mostJobs && bytes + more <= mostBytes);
  }

  function enter(write: T): void {
    bytes += write.bytes;
    lanes[write.priority].push(write);
  }

  function wait(write: T): void {
    if (waiting.size >= mostWaiting) {
      write.reject(full(`${mostWaiting} writes wait for room already`));
      return;
    }
    const timer = clock.after(waitMs, () => {
      waiting.delete(one);
      write.reject(full(`there was no room for another write within ${waitMs} ms`));
    });
    const one: Waiting<T> = { write, timer };
    waiting.add(one);
  }

  function letIn(): void {
    for (const one of waiting) {
      if (!hasRoom(one.write.bytes)) return;
      waiting.delete(one);
      one.timer.cancel();
      enter(one.write);
    }
  }

  function takeFrom(lane: T[], most: number): readonly T[] {
    let count = 0;
    let taken = 0;
    for (const write of lane) {
      if (count === most || (count > 0 && taken + write.bytes > GROUP_BYTES)) break;
      count += 1;
      taken += write.bytes;
    }
    bytes -= taken;
    const group = lane.splice(0, count);
    letIn();
    return group;
  }

  return {
    add(write) {
      if (waiting.size === 0 && hasRoom(write.bytes)) enter(write);
      else wait(write);
    },
    take() {
      const { prompt, bulk } = lanes;
      const half = prompt.length < 1.5 * smallest ? prompt.length : Math.max(smallest, Math.ceil(prompt.length / 2));
      const most = Math.min(largest, half);
      if (bulk.length === 0) return takeFrom(prompt, most);
      if (prompt.length > 0 && promptGroups < BULK_TURN) {
        promptGroups += 1;
        return takeFrom(prompt, most);
      }
      promptGroups = 0;
      return takeFrom(bulk, largest);
    },
    oldest() {
      const [next] = waiting;
      const heads = [lanes.prompt[0], lanes.bulk[0], next?.write];
      return Math.min(...heads.map((write) => write?.sequence ?? Infinity));
    },
    get size() {
      return jobs() + waiting.size;
    },
  };
}

function full(why: string): MillraceError {
  return new MillraceError("CAPACITY_REACHED", `More is to be written than the disk takes: ${why}.`, {
    advice: "Await writes before the next ones, or look for another program that holds the database.",
    isRetryable: true,
  });
}
