import { createCache, type OpenCache } from "./cache/create-cache.ts";
import { createMemoryLevel } from "./cache/memory/memory-level.ts";
import { type CallLedger, type CallRecord, createCallLedger } from "./calls/ledger.ts";
import type { Config } from "./config.ts";
import { systemClock } from "./core/clock.ts";
import { toMs } from "./core/duration.ts";
import { MillraceError } from "./core/errors.ts";
import { createEvents } from "./core/events.ts";
import { createIds } from "./core/ids.ts";
import { createLog } from "./core/log.ts";
import { systemRandom } from "./core/random.ts";
import type { BudgetStore } from "./resilience/budget-store.ts";
import { createResources, type Resources } from "./core/resources.ts";

export interface StandaloneOptions<C> {
  /** Folder of the database; undefined: memory alone. */
  readonly data: string | undefined;
  /** One of the caller's, which stays open; false: none. */
  readonly cache: OpenCache | false | undefined;
  readonly onCall: ((call: CallRecord) => void) | undefined;
  /** Reads the configuration, whose bounds of the cache count. Default: there is none. */
  readonly config?: () => Promise<C>;
}

/** What whoever builds on it is given. */
export interface StandaloneParts<C> {
  readonly config: C;
  readonly cache: OpenCache | undefined;
  readonly ledger: Pick<CallLedger, "record"> | undefined;
  /** Where it is kept what was spent of budgets; undefined without a folder. */
  readonly budgets: BudgetStore | undefined;
  readonly closing: AbortSignal;
  readonly resources: Resources;
}

/** Something that works by itself, without a host: opened with its first use, closed once. */
export interface Standalone<T> {
  /** Opens it, once; after a failure the next one tries again. Rejects with CALL_ABORTED once it is closed. */
  open(): Promise<T>;
  cache(): Promise<OpenCache | undefined>;
  close(): Promise<void>;
}

interface Kept {
  readonly cache: OpenCache | undefined;
  readonly ledger?: CallLedger;
  readonly budgets?: BudgetStore;
}

type CacheConfig = Partial<Pick<Config, "cache" | "calls" | "redis">>;

export function createStandalone<T, C extends CacheConfig = CacheConfig>(
  { data, cache: given, onCall, config: readConfig }: StandaloneOptions<C>,
  build: (parts: StandaloneParts<C>) => Promise<T>,
): Standalone<T> {
  const clock = systemClock;
  const random = systemRandom;
  const log = createLog({ level: "warn" });
  const resources = createResources({ clock, log });
  const closing = new AbortController();
  let opening: Promise<{ readonly built: T; readonly cache: OpenCache | undefined }> | undefined;

  async function openAll(): Promise<{ readonly built: T; readonly cache: OpenCache | undefined }> {
    const config = (await readConfig?.()) ?? ({} as C);
    const { cache, ledger, budgets } = await openAnswers(config);
    const record = ledger === undefined && onCall === undefined ? undefined : tellBoth(ledger, onCall);
    const built = await build({ config, cache, ledger: record, budgets, closing: closing.signal, resources });
    return { built, cache };
  }

  async function openAnswers(config: C): Promise<Kept> {
    const { cache: bounds = {}, calls, redis } = config;
    if (data === undefined) {
      if (given !== undefined) return { cache: given === false ? undefined : given };
      const { memory = {}, policies = {} } = bounds;
      const cache = createCache({ memory: createMemoryLevel(memory), policies, clock, random, log });
      resources.add("cache", () => cache.close());
      return { cache };
    }
    // Loaded late: whoever keeps answers in memory needs no database.
    const [{ openSqliteStore }, { openHostCache }, { createCallLedgerStore }, { createDatabaseBudgetStore }] =
      await Promise.all([
        import("./store/sqlite/open.ts"),
        import("./host-cache.ts"),
        import("./host-calls.ts"),
        import("./host-budgets.ts"),
      ]);
    const store = await openSqliteStore({ directory: data, clock, log });
    resources.add("store", () => store.close());
    const { keep } = calls ?? {};
    const ledger = createCallLedger({
      store: createCallLedgerStore(store.db),
      clock,
      log,
      ...(keep === undefined ? {} : { keepMs: toMs(keep) }),
    });
    resources.add("call ledger", () => ledger.close());
    const budgets = createDatabaseBudgetStore(store.db, clock);
    if (given === false) return { cache: undefined, ledger, budgets };
    const { cache } = await openHostCache({
      config: { cache: bounds, data, redis },
      db: store.db,
      hasFiles: true,
      openEmbedder: () => Promise.reject(new MillraceError("INTERNAL", "Nobody looks for similar questions here.")),
      clock,
      random,
      ids: createIds({ clock, random }),
      events: createEvents(),
      log,
      resources,
    });
    return { cache, ledger, budgets };
  }

  async function openOnce(): Promise<{ readonly built: T; readonly cache: OpenCache | undefined }> {
    if (closing.signal.aborted)
      throw new MillraceError("CALL_ABORTED", "This was closed.", { advice: "Make a new one." });
    opening ??= openAll();
    opening.catch(() => (opening = undefined));
    return await opening;
  }

  return {
    open: async () => (await openOnce()).built,
    cache: async () => (await openOnce()).cache,
    async close() {
      closing.abort(new MillraceError("CALL_ABORTED", "It was closed while the call was under way."));
      await opening?.catch(() => undefined);
      await resources.close();
    },
  };
}

function tellBoth(
  ledger: CallLedger | undefined,
  onCall: ((call: CallRecord) => void) | undefined,
): Pick<CallLedger, "record"> {
  return {
    record(call) {
      ledger?.record(call);
      onCall?.(call);
    },
  };
}
