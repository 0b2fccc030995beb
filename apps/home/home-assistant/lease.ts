import { type Clock, type Database, type Ids, type Log, number, type Row, text, textOrNull } from "millrace";

/** How often the holder says that it lives, and the others look. */
const BEAT_MS = 5_000;
/** A holder that said nothing for so long is taken to be dead. */
const LEASE_MS = 15_000;

const FOUND = `
  insert into home_leases (name, session, holder, epoch, beat) values (:name, :session, null, 0, 0)
  on conflict (name) do nothing`;
const SEE = "select session, holder, epoch, beat from home_leases where name = :name";
const TAKE = `
  update home_leases set holder = :holder, epoch = epoch + 1, beat = 0
  where name = :name and epoch = :epoch and beat = :beat`;
const BEAT = "update home_leases set beat = beat + 1 where name = :name and epoch = :epoch";
const RELEASE = "update home_leases set holder = null, beat = beat + 1 where name = :name and epoch = :epoch";

/** What runs under a lease. */
export interface Held {
  /** `isTakenOver`: another process does it by now, so nothing is said about the end. */
  close(options?: { readonly isTakenOver?: boolean }): Promise<void>;
}

export interface HoldLeaseOptions {
  /** What is held, among all processes of the database. */
  readonly name: string;
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Begins what only the holder does. `session` is the same for each holder of this lease. */
  readonly start: (lease: { readonly session: string }) => Held;
}

interface Lease {
  readonly session: string;
  readonly holder: string | null;
  readonly epoch: number;
  readonly beat: number;
}

/**
 * Does something in one process of all that share a database. When that one closes, another goes on within 5 s; when it dies or hangs, within
 * 20 s. A holder that cannot say for 15 s that it lives stops by itself.
 */
export function holdLease(options: HoldLeaseOptions): Held {
  const stop = new AbortController();
  const running = takeTurns(options, stop.signal);
  return {
    async close() {
      stop.abort(new Error("Millrace is closing."));
      await running;
    },
  };
}

async function takeTurns(options: HoldLeaseOptions, signal: AbortSignal): Promise<void> {
  const { name, db, log } = options;
  while (!signal.aborted) {
    const lease = await waitForTurn(options, signal);
    if (lease === undefined) return;
    const held = options.start({ session: lease.session });
    const isKept = await keep(options, lease.epoch, signal);
    await held.close({ isTakenOver: !isKept });
    if (isKept) {
      await db
        .write([{ sql: RELEASE, params: { name, epoch: lease.epoch } }])
        .catch((error: unknown) => log.debug({ error, name }, "a lease could not be given back: it runs out"));
    } else log.warn({ name }, "another process does this now: this one did not say in time that it lives");
  }
}

/** Waits until nobody holds it, or the holder's beat stands still. Undefined: it was called off. */
async function waitForTurn(options: HoldLeaseOptions, signal: AbortSignal): Promise<Lease | undefined> {
  const { db, clock, ids, log, name } = options;
  const holder = ids.next();
  let seen: { readonly epoch: number; readonly beat: number; readonly since: number } | undefined;
  while (!signal.aborted) {
    try {
      const lease = await look(options);
      if (seen?.epoch !== lease.epoch || seen.beat !== lease.beat) seen = { ...lease, since: clock.monotonic() };
      const isFree = lease.holder === null || clock.monotonic() - seen.since >= LEASE_MS;
      const { epoch, beat } = lease;
      if (
        isFree &&
        (await db.write([{ sql: TAKE, params: { name, holder, epoch, beat }, atLeast: 1 }])) !== undefined
      ) {
        return { ...lease, holder, epoch: epoch + 1, beat: 0 };
      }
    } catch (error) {
      log.debug({ error, name }, "a lease could not be looked at");
    }
    await clock.sleep(BEAT_MS, signal).catch(() => undefined);
  }
  return undefined;
}

async function look({ db, ids, name }: Pick<HoldLeaseOptions, "db" | "ids" | "name">): Promise<Lease> {
  const row = await db.get(SEE, { name });
  if (row !== undefined) return toLease(row);
  await db.write([{ sql: FOUND, params: { name, session: ids.next() } }]);
  return await look({ db, ids, name });
}

/** Says that it lives, until it is called off (true) or it lost the lease (false). */
async function keep(options: HoldLeaseOptions, epoch: number, signal: AbortSignal): Promise<boolean> {
  const { clock } = options;
  let saidAt = clock.monotonic();
  for (;;) {
    await clock.sleep(BEAT_MS, signal).catch(() => undefined);
    if (signal.aborted) return true;
    const askedAt = clock.monotonic();
    const answered = new AbortController();
    // A database that does not answer must not keep it from stopping in time.
    const tooLate = clock.sleep(saidAt + LEASE_MS - askedAt, AbortSignal.any([signal, answered.signal])).then(
      () => "lost" as const,
      () => "called off" as const,
    );
    const outcome = await Promise.race([beat(options, epoch), tooLate]);
    answered.abort();
    if (outcome === "lost") return false;
    if (outcome === "called off") return true;
    if (outcome === "said") saidAt = askedAt;
  }
}

async function beat({ db, log, name }: HoldLeaseOptions, epoch: number): Promise<"said" | "unsaid" | "lost"> {
  try {
    return (await db.write([{ sql: BEAT, params: { name, epoch }, atLeast: 1 }])) === undefined ? "lost" : "said";
  } catch (error) {
    log.debug({ error, name }, "a lease could not be kept up");
    return "unsaid";
  }
}

function toLease(row: Row): Lease {
  return {
    session: text(row, "session"),
    holder: textOrNull(row, "holder"),
    epoch: number(row, "epoch"),
    beat: number(row, "beat"),
  };
}
