import { Cron } from "croner";
import type { Clock, Timer } from "../core/clock.ts";
import { toMs, type Duration } from "../core/duration.ts";
import { MillraceError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { mapParallel } from "../core/parallel.ts";
import type { CacheOptions, Factory } from "./cache.ts";
import type { OpenCache } from "./create-cache.ts";

/** Values to be made before they are asked for. */
export interface WarmingLoader {
  readonly name: string;
  /** Gives what to make; asked anew each time. */
  readonly items: (signal: AbortSignal) => Promise<readonly WarmingItem[]> | readonly WarmingItem[];
  /** A cron expression. Default: at start only. */
  readonly schedule?: string;
  /** IANA name for the schedule. Default UTC. */
  readonly timezone?: string;
  /** Again each time so long after the last. */
  readonly every?: Duration;
}

export interface WarmingItem {
  readonly key: string;
  readonly factory: Factory<unknown>;
  readonly options?: CacheOptions;
}

export interface WarmingReport {
  readonly name: string;
  readonly made: number;
  readonly failed: number;
}

export interface Warming {
  /** Runs all loaders, or one by name, now. Never throws for a loader that fails. */
  run(name?: string): Promise<readonly WarmingReport[]>;
  /** What each has done since the start. */
  totals(): readonly WarmingReport[];
  /** Starts: all loaders at once, then by their schedules. Resolves when the first round is over. */
  start(): Promise<readonly WarmingReport[]>;
  close(): Promise<void>;
}

export interface WarmingOptions {
  readonly cache: OpenCache;
  readonly loaders: readonly WarmingLoader[];
  readonly clock: Clock;
  readonly log?: Log;
  /** How many values are made at once. Default 4. */
  readonly parallel?: number;
}

/** Creates a warming. Throws SCHEDULE_INVALID for an expression that cannot be read, INPUT_INVALID for an interval of nothing. */
export function createWarming({ cache, loaders, clock, log, parallel = 4 }: WarmingOptions): Warming {
  const stop = new AbortController();
  const totals = new Map(loaders.map(({ name }) => [name, { name, made: 0, failed: 0 }]));
  const timers = new Map<string, Timer>();
  const delays = new Map(loaders.map((loader) => [loader.name, delayOf(loader, clock)]));
  const running = new Set<Promise<WarmingReport>>();

  async function runOne({ name, items }: WarmingLoader): Promise<WarmingReport> {
    const { signal } = stop;
    let made = 0;
    let failed = 0;
    try {
      const wanted = await items(signal);
      const outcomes = await mapParallel(
        wanted,
        ({ key, factory, options }) => cache.refresh(key, factory, { ...options, signal }),
        { parallel, signal },
      );
      for (const outcome of outcomes) {
        if (outcome.status === "fulfilled") made++;
        else {
          failed++;
          if (!signal.aborted)
            log?.warn({ loader: name, error: outcome.reason as unknown }, "a value could not be warmed");
        }
      }
    } catch (error) {
      failed++;
      log?.warn({ loader: name, error }, "a warming loader failed");
    }
    const total = totals.get(name);
    if (total !== undefined) {
      total.made += made;
      total.failed += failed;
    }
    return { name, made, failed };
  }

  function track(loader: WarmingLoader): Promise<WarmingReport> {
    const work = runOne(loader).finally(() => running.delete(work));
    running.add(work);
    return work;
  }

  function schedule(loader: WarmingLoader): void {
    const delayMs = delays.get(loader.name)?.();
    if (delayMs === undefined || stop.signal.aborted) return;
    const timer = clock.after(delayMs, () => void track(loader).finally(() => schedule(loader)));
    timers.set(loader.name, timer);
  }

  const run = (name?: string): Promise<WarmingReport[]> =>
    Promise.all(loaders.filter((loader) => name === undefined || loader.name === name).map(track));

  return {
    run,
    totals: () => [...totals.values()].map(({ name, made, failed }) => ({ name, made, failed })),
    async start() {
      const reports = await run();
      for (const loader of loaders) schedule(loader);
      return reports;
    },
    async close() {
      stop.abort(new MillraceError("CACHE_CLOSED", "Warming has ended."));
      for (const timer of timers.values()) timer.cancel();
      await Promise.allSettled(running);
    },
  };
}

/** How long from now to the next time; undefined: there is none. */
function delayOf({ name, schedule, timezone = "UTC", every }: WarmingLoader, clock: Clock): () => number | undefined {
  if (every !== undefined) {
    const ms = toMs(every);
    if (ms > 0) return () => ms;
    throw new MillraceError("INPUT_INVALID", `The interval of the warming loader ${name} must be longer than 0.`);
  }
  if (schedule === undefined) return () => undefined;
  try {
    const cron = new Cron(schedule, { timezone, paused: true });
    return () => {
      const at = cron.nextRun(new Date(clock.now()))?.getTime();
      return at === undefined ? undefined : Math.max(0, at - clock.now());
    };
  } catch (cause) {
    throw new MillraceError(
      "SCHEDULE_INVALID",
      `The schedule "${schedule}" of the warming loader ${name} cannot be used.`,
      { cause },
    );
  }
}
