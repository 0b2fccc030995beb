import { join } from "node:path";
import { createIds, createSeededRandom, type Random } from "millrace";
import { bounded, createCache, createMemoryLevel, openSqliteBackend } from "millrace/cache";
import { openSqliteStore } from "millrace/sqlite";
import { createManualClock, type ManualClock } from "millrace/testing";
import type { BenchContext, Row, Scenario } from "../harness/scenario.ts";
import { createZipf } from "../micro/traces.ts";

const QUESTIONS = 10_000;
const KEYS = 250;
const DAY_MS = 86_400_000;
const TTL_MS = 6 * 3_600_000;
/** A question of ten is asked by several at once. */
const BURST_SHARE = 0.1;
const BURST_ASKERS = 5;
const RESTARTS = 6;
const TARGET = 85;
const NAIVE = "naive";
const PLAIN = "millrace";
const STALE = "millrace, stale while it is made anew";
const NO_QUESTION = "no question to the source";
const AT_ONCE = "answered at once";
const MOST = "the most that can be";

interface Question {
  readonly key: string;
  readonly askers: number;
}

/** Something that keeps answers, and how it comes back when its process does. */
interface Keeper {
  /** True: the answer was there, and nobody had to wait for the source. */
  ask(key: string, source: () => Promise<string>): Promise<boolean>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** P9: how many questions of a day the cache answers, against the naive way. */
export const dailyHitRate: Scenario = {
  id: "P9",
  title: "hit rate over a day",
  description: `${QUESTIONS} questions over a day on a clock that is moved on, for ${KEYS} keys by Zipf (0.9), one of ten asked by ${BURST_ASKERS} at once, answers good for ${TTL_MS / 3_600_000} hours, the process restarted ${RESTARTS} times. Naive: a Map with a time for each key. Millrace: memory above SQLite, equal questions joined; and once more with answers served for another six hours while they are made anew. The most that can be: a Map that outlives its process and joins equal questions. Counted: askings that cost no question to the source, and askings that were answered at once.`,
  target: `at least ${TARGET} % without a question to the source`,
  async run(context) {
    const rows: Row[] = [];
    for (const [name, open] of Object.entries(KEEPERS)) {
      const { askings, asked, waited } = await spendDay(context, name, open);
      rows.push(toRow(`${NO_QUESTION}: ${name}`, 1 - asked / askings));
      rows.push(toRow(`${AT_ONCE}: ${name}`, 1 - waited / askings));
    }
    const of = (kind: string, name: string): number => 100 - valueOf(rows, `${kind}: ${name}`);
    const ratios = {
      "questions to the source, millrace to naive": of(NO_QUESTION, PLAIN) / of(NO_QUESTION, NAIVE),
      "questions to the source, millrace to the fewest": of(NO_QUESTION, PLAIN) / of(NO_QUESTION, MOST),
      "askings that wait, millrace to naive": of(AT_ONCE, PLAIN) / of(AT_ONCE, NAIVE),
      "askings that wait, with stale answers, to naive": of(AT_ONCE, STALE) / of(AT_ONCE, NAIVE),
    };
    const met = 100 - of(NO_QUESTION, PLAIN) >= TARGET;
    return { rows, ratios, met };
  },
};

type OpenKeeper = (context: BenchContext, clock: ManualClock, name: string) => Promise<Keeper>;

const KEEPERS: Readonly<Record<string, OpenKeeper>> = {
  [NAIVE]: async (_, clock) => openMap(clock, { isLost: true, joins: false }),
  [MOST]: async (_, clock) => openMap(clock, { isLost: false, joins: true }),
  [PLAIN]: (context, clock) => openMillrace(context, clock, { directory: "plain", staleMs: 0 }),
  [STALE]: (context, clock) => openMillrace(context, clock, { directory: "stale", staleMs: TTL_MS }),
};

async function spendDay(
  context: BenchContext,
  name: string,
  open: OpenKeeper,
): Promise<{ askings: number; asked: number; waited: number }> {
  const clock = createManualClock(Date.UTC(2026, 0, 1));
  const keeper = await open(context, clock, name);
  let [askings, asked, waited] = [0, 0, 0];
  const source = async (): Promise<string> => {
    asked++;
    await clock.sleep(1);
    return `answer ${asked}`;
  };
  try {
    for (const [index, { key, askers }] of questions(createSeededRandom(context.seed)).entries()) {
      if (index > 0 && index % Math.ceil(QUESTIONS / (RESTARTS + 1)) === 0) await keeper.restart();
      const answers = Promise.all(Array.from({ length: askers }, () => keeper.ask(key, source)));
      await clock.advance(DAY_MS / QUESTIONS);
      askings += askers;
      waited += (await answers).filter((wasThere) => !wasThere).length;
    }
  } finally {
    await keeper.close();
  }
  return { askings, asked, waited };
}

function questions(random: Random): readonly Question[] {
  const zipf = createZipf(KEYS, 0.9, random);
  return Array.from({ length: QUESTIONS }, () => ({
    key: `answers:${zipf()}`,
    askers: random.next() < BURST_SHARE ? BURST_ASKERS : 1,
  }));
}

function openMap(clock: ManualClock, { isLost, joins }: { readonly isLost: boolean; readonly joins: boolean }): Keeper {
  const known = new Map<string, { readonly value: Promise<string>; readonly until: number }>();
  return {
    async ask(key, source) {
      const entry = known.get(key);
      if (entry !== undefined && entry.until > clock.now()) {
        await entry.value;
        return true;
      }
      const made = { value: source(), until: clock.now() + TTL_MS };
      if (joins) known.set(key, made);
      await made.value;
      known.set(key, made);
      return false;
    },
    async restart() {
      if (isLost) known.clear();
    },
    close: async () => undefined,
  };
}

async function openMillrace(
  { directory, log }: BenchContext,
  clock: ManualClock,
  options: { readonly directory: string; readonly staleMs: number },
): Promise<Keeper> {
  const random = createSeededRandom(1);
  const ids = createIds({ clock, random });
  async function open() {
    const store = await openSqliteStore({ directory: join(directory, options.directory), clock, log });
    const backend = await openSqliteBackend({ db: store.db, clock, ids });
    if (backend.level === undefined) throw new Error("The backend keeps no values.");
    // The clock is moved on faster than any disk: its deadline would come too soon.
    const level = bounded(backend.level, { clock, deadlineMs: DAY_MS });
    const cache = createCache({ memory: createMemoryLevel(), backend: { ...backend, level }, clock, random });
    return {
      cache,
      async close(): Promise<void> {
        await cache.close();
        await backend.close();
        await store.close();
      },
    };
  }
  let opened = await open();
  return {
    async ask(key, source) {
      const policy = { ttl: TTL_MS, staleWhileRevalidate: options.staleMs };
      const answer = await opened.cache.fetch(key, source, policy);
      return answer.source !== "fresh" && answer.source !== "joined";
    },
    async restart() {
      await opened.close();
      opened = await open();
    },
    close: () => opened.close(),
  };
}

function toRow(side: string, share: number): Row {
  return { side, value: 100 * share, unit: "%", spread: [100 * share, 100 * share] };
}

function valueOf(rows: readonly Row[], side: string): number {
  return rows.find((row) => row.side === side)?.value ?? Number.NaN;
}
