import pg from "pg";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { clientConfig } from "./connections.ts";
import { reasonOf } from "./postgres-error.ts";

/**
 * Tells of writes, those of this process and those of others, over one connection of its own. Writers say so by NOTIFY right after their
 * commit, many commits in one; what a dying process did not say any more is seen by a look at the database's own counter of transactions,
 * each second.
 */
export interface Changes {
  /** Another number after every write that this process knows of. */
  version(): number;
  /** True when another process has written since this was last asked. */
  take(): boolean;
  /** After each commit of this process. */
  wrote(): void;
  /** Makes `take` answer true: something is to be looked at. */
  touch(): void;
  /** Resolves when what was written here was said, and what others had said before was heard. */
  heard(): Promise<void>;
  /** Tries to become the one owner of the data; stays it while the connection lasts. */
  own(): Promise<boolean>;
  close(): Promise<void>;
}

export interface ChangesOptions {
  readonly url: string;
  /** Tells the stores of one database apart. */
  readonly id: string;
  readonly clock: Clock;
  readonly log: Log | undefined;
}

const CHANNEL = "millrace_changes";
/** Whatever nobody said is seen after so long, in milliseconds. */
const LOOK_MS = 1_000;
const LONGEST_RECONNECT_MS = 5_000;
/** Other than before once any transaction that writes has begun or ended. */
const COUNTER = "select pg_current_snapshot()::text as counter";
const OWN = "select pg_try_advisory_lock(hashtextextended('millrace:owner', 0))::int as is_own";
const DISOWN = "select pg_advisory_unlock(hashtextextended('millrace:owner', 0))";

/** Connects, and listens. Throws what the connection fails with. */
export async function openChanges({ url, id, clock, log }: ChangesOptions): Promise<Changes> {
  const closing = new AbortController();
  let version = 0;
  let isOutside = false;
  let isOwner = false;
  let isUnsaid = false;
  /** Since the last look. */
  let hasWritten = false;
  let saying: Promise<void> | undefined;
  let counter = "";
  let client: pg.Client | undefined;
  client = await connect();
  const looking = look();

  async function connect(): Promise<pg.Client> {
    const opened = new pg.Client(clientConfig(url));
    opened.on("notification", ({ payload }) => {
      if (payload !== id) touch();
    });
    opened.on("error", (error) => log?.warn({ reason: reasonOf(error) }, "the connection that tells of changes broke"));
    opened.on("end", () => {
      if (client !== opened) return;
      client = undefined;
      isOwner = false;
    });
    try {
      await opened.connect();
      await opened.query(`listen ${CHANNEL}`);
      return opened;
    } catch (error) {
      await opened.end().catch(() => undefined);
      throw error;
    }
  }

  function touch(): void {
    version += 1;
    isOutside = true;
  }

  async function reconnect(): Promise<void> {
    client ??= await connect();
    // Whatever happened meanwhile was not heard.
    touch();
  }

  async function look(): Promise<void> {
    let wait = LOOK_MS;
    for (;;) {
      if (!(await isOpenAfter(wait))) return;
      try {
        if (client === undefined) await reconnect();
        const seen = String((await client?.query(COUNTER))?.rows[0]?.counter);
        // What is written here moves the counter as well; whoever writes meanwhile says so.
        if (seen !== counter && !hasWritten) touch();
        hasWritten = false;
        counter = seen;
        wait = LOOK_MS;
      } catch (error) {
        log?.debug({ reason: reasonOf(error) }, "changes of the database could not be looked for");
        wait = Math.min(2 * wait, LONGEST_RECONNECT_MS);
      }
    }
  }

  function isOpenAfter(ms: number): Promise<boolean> {
    return clock.sleep(ms, closing.signal).then(
      () => true,
      () => false,
    );
  }

  /** One NOTIFY for all commits since the last. In a transaction of its own: with a NOTIFY inside, commits of all would queue up. */
  function say(): void {
    if (saying !== undefined) return;
    saying = sayAll().finally(() => (saying = undefined));
  }

  async function sayAll(): Promise<void> {
    while (isUnsaid) {
      isUnsaid = false;
      await client
        ?.query({ name: "millrace_say", text: "select pg_notify($1, $2)", values: [CHANNEL, id] })
        .catch(() => undefined);
    }
  }

  return {
    version: () => version,
    take() {
      const answer = isOutside;
      isOutside = false;
      return answer;
    },
    wrote() {
      version += 1;
      hasWritten = true;
      isUnsaid = true;
      say();
    },
    touch,
    async heard() {
      await saying;
      await client?.query("select 1").catch(() => undefined);
    },
    async own() {
      if (isOwner) return true;
      const asked = client;
      const answer = await asked?.query(OWN).catch(() => undefined);
      isOwner = asked !== undefined && asked === client && answer?.rows[0]?.is_own === 1;
      return isOwner;
    },
    async close() {
      closing.abort();
      await looking;
      await saying;
      const open = client;
      client = undefined;
      if (isOwner) await open?.query(DISOWN).catch(() => undefined);
      await open?.end().catch(() => undefined);
    },
  };
}
