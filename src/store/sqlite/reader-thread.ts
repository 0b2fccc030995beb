import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../core/clock.ts";
import type { ErrorCode } from "../../core/errors.ts";
import type { SqlValue } from "../store.ts";
import { openConnection, readSettings } from "./connection.ts";
import { arePlainRows, toMessage } from "./message-text.ts";
import type { Failure } from "./protocol.ts";
import type { ReaderAnswer, ReaderData, ReaderRequest } from "./reader-protocol.ts";
import { toPlain } from "./rows.ts";
import { createSlowStatements, type SlowStatement } from "./slow-statements.ts";
import { isEnvironment, reasonOf } from "./sqlite-error.ts";
import { createStatementCache } from "./statement-cache.ts";

/** As much as one answer carries: so many rows, or so many characters and bytes. */
const CHUNK_ROWS = 500;
const CHUNK_BYTES = 1024 * 1024;
const STATEMENTS = 64;
/** What is read here is read once, most of it. */
const CACHE_KIB = 8_192;

interface Read {
  readonly sql: string;
  readonly columns: readonly string[];
  readonly rows: Iterator<readonly SqlValue[]>;
  /** What its parts took so far. */
  ms: number;
}

if (parentPort !== null) start(parentPort, workerData as ReaderData);

function start(port: MessagePort, { path, durability, slowMs }: ReaderData): void {
  let database: DatabaseSync;
  try {
    database = openConnection({ path, durability, readOnly: true, cacheKib: CACHE_KIB });
  } catch (error) {
    answer(port, failure("DATA_UNUSABLE", error));
    port.close();
    return;
  }
  const told: SlowStatement[] = [];
  const slow = createSlowStatements(database, { clock: systemClock, slowMs, tell: (one) => void told.push(one) });
  const statements = createStatementCache<string, StatementSync>({ limit: STATEMENTS });
  let current: Read | undefined;

  port.on("message", (request: ReaderRequest) => {
    try {
      handle(request);
    } catch (error) {
      stop();
      answer(port, failure("STORE_FAILED", error));
    }
  });
  answer(port, { kind: "ready" });

  function handle(request: ReaderRequest): void {
    switch (request.kind) {
      case "read":
        begin(request.bySlot, request.values);
        sendChunk();
        return;
      case "more":
        sendChunk();
        return;
      case "stop":
        stop();
        answer(port, { kind: "done" });
        return;
      case "rest":
        database.exec("pragma shrink_memory; select 1 from sqlite_schema limit 1");
        answer(port, { kind: "done" });
        return;
      case "settings":
        answer(port, { kind: "settings", settings: readSettings(database) });
        return;
      case "close":
        stop();
        database.close();
        answer(port, { kind: "done" });
        port.close();
    }
  }

  function begin(sql: string, values: readonly SqlValue[]): void {
    const statement = statements.get(sql, () => prepare(database, sql));
    const columns = statement.columns().map(({ name }) => name);
    current = { sql, columns, rows: statement.iterate(...values) as unknown as Read["rows"], ms: 0 };
  }

  function sendChunk(): void {
    const read = current;
    if (read === undefined) throw new Error("nothing is being read");
    const begun = systemClock.monotonic();
    const rows: SqlValue[][] = [];
    let bytes = 0;
    let isLast = false;
    while (rows.length < CHUNK_ROWS && bytes < CHUNK_BYTES) {
      const next = read.rows.next();
      if (next.done === true) {
        isLast = true;
        break;
      }
      rows.push(next.value.map(toPlain));
      bytes += sizeOf(next.value);
    }
    read.ms += systemClock.monotonic() - begun;
    if (isLast) {
      current = undefined;
      slow.took(read.sql, read.ms);
    }
    const why = told.length === 0 ? {} : { slow: told.splice(0) };
    answer(port, { kind: "rows", columns: read.columns, rows, isLast, ...why }, arePlainRows(rows));
  }

  /** Gives the snapshot back that an unfinished read holds. */
  function stop(): void {
    current?.rows.return?.();
    current = undefined;
  }
}

function prepare(database: DatabaseSync, sql: string): StatementSync {
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  // Integers beyond 2^53 cannot be read otherwise.
  statement.setReadBigInts(true);
  return statement;
}

function sizeOf(values: readonly SqlValue[]): number {
  return values.reduce<number>(
    (sum, value) =>
      sum + (typeof value === "string" ? value.length : value instanceof Uint8Array ? value.byteLength : 8),
    0,
  );
}

function answer(port: MessagePort, message: ReaderAnswer | Failure, isPlain = false): void {
  port.postMessage(toMessage(message, isPlain));
}

function failure(code: ErrorCode, error: unknown): Failure {
  const reason = reasonOf(error);
  return {
    kind: "failed",
    code,
    message: code === "STORE_FAILED" ? `The read failed: ${reason}.` : reason,
    isRetryable: isEnvironment(error),
    facts: { reason },
  };
}
