import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";

/** Everything that starts registers here, so that it stops in reverse order. */
export interface Resources {
  /** Registers something that is now running under a name for the log. */
  add(name: string, close: () => void | Promise<void>): void;
  /**
   * Closes all in reverse order of registration, each given what is left of the deadline. One that throws or
   * runs out of time is logged and counted, and the rest are closed all the same. Closing twice is harmless.
   */
  close(): Promise<CloseReport>;
}

export interface CloseReport {
  readonly closed: readonly string[];
  readonly failed: readonly string[];
}

export interface ResourcesOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** How long closing may take in all, in milliseconds. Default 15 000. */
  readonly deadlineMs?: number;
}

export function createResources({ clock, log, deadlineMs = 15_000 }: ResourcesOptions): Resources {
  const entries: { readonly name: string; readonly close: () => void | Promise<void> }[] = [];
  let closing: Promise<CloseReport> | undefined;

  async function closeAll(): Promise<CloseReport> {
    const until = clock.monotonic() + deadlineMs;
    const closed: string[] = [];
    const failed: string[] = [];
    for (let entry = entries.pop(); entry !== undefined; entry = entries.pop()) {
      const { name, close } = entry;
      const outcome = await closeWithin(close, until - clock.monotonic(), clock);
      if (outcome === "closed") closed.push(name);
      else {
        failed.push(name);
        log.error({ resource: name, error: outcome }, "a resource did not close");
      }
    }
    return { closed, failed };
  }

  return {
    add(name, close) {
      entries.push({ name, close });
    },
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}

async function closeWithin(close: () => void | Promise<void>, ms: number, clock: Clock): Promise<"closed" | Error> {
  const stop = new AbortController();
  const timeout = clock.sleep(Math.max(0, ms), stop.signal).then(
    () => new Error("out of time"),
    () => "closed" as const,
  );
  try {
    return await Promise.race([Promise.resolve(close()).then(() => "closed" as const), timeout]);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    stop.abort();
  }
}
