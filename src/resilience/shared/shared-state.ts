import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";

/** A script that a Redis server runs as one. */
export interface SharedScript {
  run(keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>;
}

export interface SharedStateOptions {
  readonly clock: Clock;
  /**
   * Makes a script of its source. A server that is away fails soon: commands have a deadline and are not queued. Undefined: there is no
   * server, and each process always takes its share.
   */
  readonly script: ((source: string) => SharedScript) | undefined;
  /** In front of every key. Default `millrace:`. */
  readonly prefix?: string;
  /** Which part of each limit this process may take while the server does not answer, above 0 and at most 1. */
  readonly share: () => number;
  /** Hears that the server went or came back, after it happened. It must not throw. */
  readonly onChange?: (isUp: boolean, reason?: unknown) => void;
}

/** What processes share through a Redis server, and whether it answers. */
export interface SharedState {
  readonly prefix: string;
  isUp(): boolean;
  share(): number;
  /** Runs a script. Rejects with what it fails with, and counts the server as away until it answers again. */
  run(source: string, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>;
  /** Calls back when the server went, when it came back, and when the share is another. */
  watch(listener: (what: "away" | "back" | "share") => void): void;
  /** To be called when the share is another. */
  shareChanged(): void;
  close(): Promise<void>;
}

/** How often a server that is away is asked whether it is back, in milliseconds. */
const PROBE_MS = 500;
const PING = "return 1";

export function createSharedState(options: SharedStateOptions): SharedState {
  const { clock, prefix = "millrace:", script, share } = options;
  const scripts = new Map<string, SharedScript>();
  const listeners: Parameters<SharedState["watch"]>[0][] = [];
  const closing = new AbortController();
  let isUp = script !== undefined;
  let probing: Promise<void> | undefined;

  function scriptOf(source: string): SharedScript {
    const known = scripts.get(source) ?? script?.(source);
    if (known === undefined) throw new MillraceError("INTERNAL", "There is no server to share limits through.");
    scripts.set(source, known);
    return known;
  }

  function change(next: boolean, reason?: unknown): void {
    if (isUp === next || closing.signal.aborted) return;
    isUp = next;
    options.onChange?.(next, reason);
    for (const listener of listeners) listener(next ? "back" : "away");
    if (!next) probing = probe();
  }

  async function probe(): Promise<void> {
    for (;;) {
      await clock.sleep(PROBE_MS, closing.signal).catch(() => undefined);
      if (closing.signal.aborted) return;
      if (await answers()) return change(true);
    }
  }

  function answers(): Promise<boolean> {
    return scriptOf(PING)
      .run([], [])
      .then(
        () => true,
        () => false,
      );
  }

  return {
    prefix,
    isUp: () => isUp,
    share,
    async run(source, keys, args) {
      try {
        return await scriptOf(source).run(
          keys.map((key) => `${prefix}${key}`),
          args,
        );
      } catch (error) {
        change(false, error);
        throw error;
      }
    },
    watch: (listener) => void listeners.push(listener),
    shareChanged() {
      for (const listener of listeners) listener("share");
    },
    async close() {
      closing.abort();
      await probing;
    },
  };
}
