import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { Store } from "../store.ts";
import type { Durability } from "./durability.ts";
import { createDatabase } from "./database.ts";
import { createOutsideChanges, type OutsideChanges } from "./outside-changes.ts";
import { createHeavyReads } from "./heavy-reads.ts";
import { createOwnership } from "./ownership.ts";
import { createReaderPool, openReaderThread } from "./reader-pool.ts";
import { openReader, type Reader } from "./reader.ts";
import { createRunStore } from "./runs.ts";
import type { SlowStatement } from "./slow-statements.ts";
import { reasonOf } from "./sqlite-error.ts";
import { startWriter, type Writer } from "./writer.ts";

export interface SqliteStoreOptions {
  /**
   * The folder of the data; made when it is missing. `:memory:` is for tests: a folder of the machine's temporary ones, removed by
   * close().
   */
  readonly directory: string;
  readonly clock: Clock;
  readonly log?: Log;
  /** `full` survives power loss, at one flush to disk a group of writes. Default normal: survives a killed process. */
  readonly durability?: Durability;
  /** Statements that take so long, in milliseconds, are logged with their plan, and never with their parameters. Default 100. */
  readonly slowMs?: number;
}

/** Of the tables of runs and calls; Postgres makes its own of the same files. */
export const SQLITE_MIGRATIONS = new URL("./migrations/", import.meta.url);

/** Tables of sums that triggers keep up to date; Postgres has its own way. */
const READ_MODELS = new URL("./read-models/", import.meta.url);

/**
 * Opens the store in `<directory>/millrace.db` and brings its tables up to date. Throws DATA_UNUSABLE when the folder or the file
 * cannot be used, STORE_NEWER when a newer Millrace has written it.
 */
export async function openSqliteStore({
  directory,
  clock,
  log,
  durability = "normal",
  slowMs = 100,
}: SqliteStoreOptions): Promise<Store> {
  const isTemporary = directory === ":memory:";
  const folder = isTemporary ? await mkdtemp(join(tmpdir(), "millrace-")) : resolve(directory);
  const path = join(folder, "millrace.db");
  const closers: (() => Promise<void> | void)[] = [];
  if (isTemporary) closers.push(() => rm(folder, { recursive: true, force: true }));
  try {
    await makeFolder(folder);
    return await openIn({ path, clock, log, durability, slowMs, closers });
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

interface OpenParams {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log | undefined;
  readonly durability: Durability;
  readonly slowMs: number;
  readonly closers: (() => Promise<void> | void)[];
}

async function openIn({ path, clock, log, durability, slowMs, closers }: OpenParams): Promise<Store> {
  let outside: OutsideChanges | undefined;
  const onGroup = (version: number): void => outside?.onGroup(version);
  const writer: Writer = await startWriter({ path, durability, clock, log, onGroup, slowMs }).catch(
    (cause: unknown) => {
      throw unusable(path, cause);
    },
  );
  closers.push(() => writer.close());
  const reader: Reader = attempt(path, () =>
    openReader({ path, durability, ...(log === undefined ? {} : { slow: tellSlowReads({ clock, log, slowMs }) }) }),
  );
  closers.push(() => reader.close());
  closers.push(() => writer.stop());
  const ownership = createOwnership(`${path}.owner`);
  closers.push(() => ownership.release());

  const pool = createReaderPool({ openReader: () => openReaderThread({ path, durability, slowMs }), clock });
  const heavy = createHeavyReads({ pool, clock, log });
  closers.push(() => heavy.close());

  const db = createDatabase({ reader, writer, heavy: heavy.reads });
  await db.migrate({ owner: "millrace", directory: SQLITE_MIGRATIONS });
  await db.migrate({ owner: "millrace-sqlite", directory: READ_MODELS });
  outside = createOutsideChanges({
    reader,
    version: await writer.version(),
    isWriting: () => writer.isWriting(),
    look: () => writer.version(),
  });
  const changes = outside;

  return {
    runs: createRunStore({ reader, writer }),
    db,
    own: async () => attempt(`${path}.owner`, () => ownership.take()),
    hasOutsideChanges: () => changes.take(),
    async describe() {
      return {
        kind: "sqlite",
        location: path,
        bytes: (await sizeOf(path)) + (await sizeOf(`${path}-wal`)),
        connections: [
          { name: "reader", settings: reader.settings() },
          { name: "writer", settings: await writer.settings() },
          ...(await pool.settings()).map((settings, index) => ({ name: `heavy reader ${index + 1}`, settings })),
        ],
      };
    },
    close: () => closeAll(closers),
  };
}

function tellSlowReads({ clock, log, slowMs }: Required<Pick<SqliteStoreOptions, "clock" | "log" | "slowMs">>) {
  return { clock, slowMs, tell: (slow: SlowStatement) => log.warn({ ...slow }, "a read was slow") };
}

async function closeAll(closers: (() => Promise<void> | void)[]): Promise<void> {
  for (const close of closers.splice(0).toReversed()) await close();
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw unusable(folder, error);
  }
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof MillraceError ? error : unusable(path, error);
  }
}

function unusable(path: string, cause: unknown): MillraceError {
  return new MillraceError("DATA_UNUSABLE", `${path} cannot be used: ${reasonOf(cause).replace(/\.$/, "")}.`, {
    facts: { path },
    cause,
    isRetryable: false,
  });
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
