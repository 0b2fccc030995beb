import type { Clock, Timer } from "../../core/clock.ts";
import { isErrorCode, MillraceError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { Invalidation, Journal } from "../contract.ts";
import { createMirror, type JournalState } from "./mirror.ts";
import { requireStorable, requireStorableScopes, scopeText } from "./scope.ts";
import { createTagGraph } from "./tag-graph.ts";

/** Where invalidations are kept for all processes. Every method may fail or hang. */
export interface JournalStorage {
  append(invalidations: readonly Invalidation[]): Promise<void>;
  link(tag: string, dependencies: readonly string[]): Promise<void>;
  /** What came after a position. A horizon above it says that some of it is gone. */
  read(after: number): Promise<JournalState>;
}

export interface SharedJournalOptions {
  readonly storage: JournalStorage;
  readonly clock: Clock;
  readonly log?: Log | undefined;
  /** How often others' invalidations are looked for, in milliseconds. */
  readonly pollMs: number;
  /** How long `append` waits for the storage before it throws, in milliseconds. Default 500. */
  readonly patienceMs?: number;
  readonly maxRecords?: number | undefined;
}

export interface SharedJournal extends Journal {
  /** Says that there is news, or that the storage is back: looks at once. */
  wake(): void;
}

interface Link {
  readonly tag: string;
  readonly dependencies: readonly string[];
}

interface Task {
  /** Stored before the invalidations, which it may spread. */
  link: Link | undefined;
  invalidations: readonly Invalidation[];
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
  isAhead: boolean;
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2_000;
/** Past this many invalidations that wait for the storage, one of everything takes their place. */
const MAX_WAITING = 10_000;
const EVERYTHING: Invalidation = { mode: "evict", scope: { kind: "pattern", pattern: "**" } };

/**
 * A journal over a storage that may be away. What cannot be stored holds in this process at once and is stored, in order, when the
 * storage is back; the caller learns by CACHE_UNREACHABLE that the others do not know yet. A link between tags waits likewise, and in silence: it
 * invalidates nothing by itself, and who links when it starts must be able to.
 */
export function createSharedJournal({
  storage,
  clock,
  log,
  pollMs,
  patienceMs = 500,
  maxRecords,
}: SharedJournalOptions): SharedJournal {
  const mirror = createMirror({
    ...(maxRecords === undefined ? {} : { maxRecords }),
    onListenerError: (error) => log?.warn({ error }, "a listener of the cache's journal failed"),
  });
  const graph = createTagGraph();
  let queue: Task[] = [];
  let waiting = 0;
  let isDraining = false;
  let isClosed = false;
  let retryMs = FIRST_RETRY_MS;
  let endPause: (() => void) | undefined;
  let reading: Promise<void> | undefined;
  let nextReading: Promise<void> | undefined;
  let poll: Timer | undefined;
  let onIdle: (() => void) | undefined;

  async function read(): Promise<void> {
    const after = mirror.position();
    const state = await storage.read(after);
    if (isClosed && state.position < mirror.position()) return;
    if (state.horizon > after || state.position < after) {
      // A storage that lost its records lost its links: it has them back before anything is kept under the new order.
      for (const [tag, dependencies] of graph.links()) await storage.link(tag, dependencies);
      mirror.reset(state);
    } else mirror.apply(state.records, state.position);
    if (mirror.position() > after) holdAhead(queue.filter((task) => task.isAhead));
  }

  /** One read at a time; whoever asks while one is under way gets the next, which sees what was stored by then. */
  function sync(): Promise<void> {
    if (nextReading !== undefined) return nextReading;
    if (reading === undefined) return (reading = read().finally(() => (reading = undefined)));
    nextReading = reading
      .catch(() => undefined)
      .then(() => {
        nextReading = undefined;
        return (reading = read().finally(() => (reading = undefined)));
      });
    return nextReading;
  }

  /** Makes the waiting invalidations hold here: above all that is known, below all that will be stored. */
  function applyAhead(): void {
    const tasks = queue.filter((task) => !task.isAhead);
    for (const task of tasks) task.isAhead = true;
    holdAhead(tasks);
  }
  function holdAhead(tasks: readonly Task[]): void {
    const position = mirror.position() + 0.5;
    const reached = tasks.flatMap((task) => task.invalidations).flatMap((invalidation) => graph.spread(invalidation));
    if (reached.length > 0) mirror.applyAhead(reached.map(({ mode, scope }) => ({ mode, scope, position })));
  }

  /** What waits already and is asked for again, as by a caller that was told of the delay, has its place with the later one. */
  function supersede(invalidations: readonly Invalidation[]): void {
    if (waiting === 0) return;
    const names = new Set(invalidations.map(nameOf));
    for (const task of queue.filter(({ isAhead }) => isAhead)) {
      const before = task.invalidations.length;
      task.invalidations = task.invalidations.filter((invalidation) => !names.has(nameOf(invalidation)));
      waiting -= before - task.invalidations.length;
    }
  }

  async function drain(): Promise<void> {
    if (isDraining) return;
    isDraining = true;
    while (queue.length > 0) {
      const tasks = [...queue];
      try {
        for (const task of tasks) await storeLink(task);
        const invalidations = waiting > MAX_WAITING ? [EVERYTHING] : tasks.flatMap((task) => task.invalidations);
        if (invalidations.length > 0) await storage.append(invalidations);
      } catch (error) {
        if (isErrorCode(error, "INPUT_INVALID")) settle(tasks, error);
        else await pause(error);
        continue;
      }
      retryMs = FIRST_RETRY_MS;
      await sync().catch(applyAhead);
      settle(tasks);
    }
    isDraining = false;
    onIdle?.();
  }

  async function storeLink(task: Task): Promise<void> {
    if (task.link === undefined) return;
    try {
      await storage.link(task.link.tag, task.link.dependencies);
    } catch (error) {
      if (!isErrorCode(error, "CAPACITY_REACHED")) throw error;
      task.failed(error);
    }
    task.link = undefined;
  }

  /** Resolves when it is stored for all. Past the patience it throws CACHE_UNREACHABLE, and holds here until it is. */
  async function store(link: Link | undefined, invalidations: readonly Invalidation[]): Promise<void> {
    if (isClosed) throw unreachable("The cache is closed.");
    const stored = new Promise<void>((done, failed) => {
      queue.push({ link, invalidations, done, failed, isAhead: false });
      waiting += invalidations.length;
    });
    void drain();
    await within(stored, { clock, ms: patienceMs, onLate: applyAhead });
  }

  function settle(tasks: readonly Task[], error?: unknown): void {
    queue = queue.slice(tasks.length);
    for (const task of tasks) {
      waiting -= task.invalidations.length;
      if (error === undefined) task.done();
      else task.failed(error);
    }
  }

  async function pause(error: unknown): Promise<void> {
    applyAhead();
    log?.warn({ error, waiting }, "invalidations of the cache wait for its database");
    if (isClosed) return settle([...queue], error);
    await new Promise<void>((resolve) => {
      const timer = clock.after(retryMs, resolve);
      endPause = () => {
        timer.cancel();
        resolve();
      };
    });
    endPause = undefined;
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
  }

  function schedule(): void {
    if (isClosed) return;
    poll = clock.after(pollMs, () => {
      sync()
        .catch((error: unknown) => log?.debug({ error }, "the journal of the cache could not be read"))
        .finally(schedule);
    });
  }

  schedule();

  return {
    position: mirror.position,
    tagPosition: mirror.tagPosition,
    keyPosition: mirror.keyPosition,
    covers: mirror.covers,
    subscribe: mirror.subscribe,
    async append(invalidations) {
      requireStorableScopes(invalidations);
      if (invalidations.length === 0) return;
      supersede(invalidations);
      await store(undefined, invalidations);
    },
    async link(tag, dependencies) {
      requireStorable([tag, ...dependencies]);
      const added = graph.link(tag, dependencies);
      if (added.length === 0) return;
      await store({ tag, dependencies: added }, []).catch((error: unknown) => {
        if (!isErrorCode(error, "CACHE_UNREACHABLE") || isClosed) throw error;
        log?.warn({ tag }, "a link between tags of the cache waits for its database");
      });
    },
    async sync(signal) {
      signal?.throwIfAborted();
      if (signal === undefined) await sync();
      else await abortable(sync(), signal);
    },
    wake() {
      endPause?.();
      sync().catch(() => undefined); // the next poll tries again
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      poll?.cancel();
      endPause?.();
      if (isDraining) {
        const idle = new Promise<void>((resolve) => (onIdle = resolve));
        await within(idle, { clock, ms: patienceMs, onLate: () => undefined }).catch(() => undefined);
      }
      if (waiting > 0) log?.error({ waiting }, "invalidations of the cache could not be stored before it closed");
    },
  };
}

function nameOf({ mode, scope }: Invalidation): string {
  return `${mode} ${scope.kind} ${scopeText(scope)}`;
}

interface WithinParams {
  readonly clock: Clock;
  readonly ms: number;
  readonly onLate: () => void;
}

async function within<T>(work: Promise<T>, { clock, ms, onLate }: WithinParams): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(ms, () => {
      onLate();
      reject(unreachable(`The cache's database gave no answer for ${ms} ms.`));
    });
    work.then(resolve, reject).finally(() => timer.cancel());
  });
}

function unreachable(message: string): MillraceError {
  return new MillraceError("CACHE_UNREACHABLE", message);
}

function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
