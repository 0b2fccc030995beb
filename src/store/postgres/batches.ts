/** Does many things of one kind in one go. */
export interface Batch<Item, Result> {
  add(item: Item): Promise<Result>;
  /** Resolves when everything that was added is done. */
  idle(): Promise<void>;
}

export interface BatchOptions<Item, Result> {
  /** Two of one key never travel together. */
  readonly keyOf: (item: Item) => string;
  /** Gives the results by key; a key that is missing has the result `none`. */
  readonly many: (items: readonly Item[]) => Promise<ReadonlyMap<string, Result>>;
  readonly none: Result;
  /** What is done alone when it cannot be done with others. */
  readonly one: (item: Item) => Promise<Result>;
}

/** As many travel together; more wait for the next. */
const MOST = 200;
/** So many journeys at once: what comes meanwhile waits, and travels together. */
const IN_FLIGHT = 2;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly settled: PromiseWithResolvers<Result>;
}

/**
 * Groups what is asked within one turn of the event loop, or while others are under way, as the writer thread of SQLite does: one way to the
 * server and one commit for many. When a group fails, each of it is done alone, so that one mistake is nobody else's.
 */
export function createBatch<Item, Result>({ keyOf, many, none, one }: BatchOptions<Item, Result>): Batch<Item, Result> {
  let waiting: Waiting<Item, Result>[] = [];
  const pending = new Set<Promise<Result>>();
  let inFlight = 0;
  let isPlanned = false;

  function plan(): void {
    if (isPlanned || inFlight >= IN_FLIGHT || waiting.length === 0) return;
    isPlanned = true;
    setImmediate(() => {
      isPlanned = false;
      void send(take());
      plan();
    });
  }

  function take(): Waiting<Item, Result>[] {
    const keys = new Set<string>();
    const later: Waiting<Item, Result>[] = [];
    const taken = waiting.filter((each) => {
      const key = keyOf(each.item);
      if (keys.size < MOST && !keys.has(key)) return keys.add(key);
      later.push(each);
      return false;
    });
    waiting = later;
    return taken;
  }

  async function send(group: readonly Waiting<Item, Result>[]): Promise<void> {
    inFlight += 1;
    try {
      await (group.length === 1 ? sendAlone(group) : sendTogether(group));
    } finally {
      inFlight -= 1;
      plan();
    }
  }

  async function sendTogether(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await many(group.map(({ item }) => item));
      for (const { item, settled } of group) settled.resolve(results.get(keyOf(item)) ?? none);
    } catch {
      await sendAlone(group);
    }
  }

  async function sendAlone(group: readonly Waiting<Item, Result>[]): Promise<void> {
    await Promise.all(group.map(({ item, settled }) => one(item).then(settled.resolve, settled.reject)));
  }

  return {
    add(item) {
      const settled = Promise.withResolvers<Result>();
      waiting.push({ item, settled });
      plan();
      const { promise } = settled;
      pending.add(promise);
      const forget = (): void => void pending.delete(promise);
      promise.then(forget, forget);
      return promise;
    },
    idle: async () => void (await Promise.allSettled(pending)),
  };
}
