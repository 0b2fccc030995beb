import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { HeavyReadOptions, HeavyReads, SqlParams } from "../store.ts";
import type { ReaderChannel, ReaderPool } from "./reader-pool.ts";
import { allOf, limitOf, unlessOver } from "./read-limit.ts";
import type { ReaderRequest } from "./reader-protocol.ts";
import { toRows } from "./rows.ts";
import { createStatementCache } from "./statement-cache.ts";
import { parseStatement, type StatementText } from "./statement-text.ts";
import { toValues } from "./values.ts";

export interface HeavyReadsParams {
  readonly pool: ReaderPool;
  readonly clock: Clock;
  readonly log: Log | undefined;
}

/** Heavy reads on reader threads, and what ends those that go on. */
export interface ReaderThreads {
  readonly reads: HeavyReads;
  /** Ends what is being read. */
  close(): Promise<void>;
}

export function createHeavyReads({ pool, clock, log }: HeavyReadsParams): ReaderThreads {
  const closing = new AbortController();
  const texts = createStatementCache<string, StatementText>();

  async function* chunks(sql: string, params: SqlParams = {}, options: HeavyReadOptions = {}) {
    const text = texts.get(sql, () => parseStatement(sql));
    const read: ReaderRequest = { kind: "read", bySlot: text.bySlot, values: toValues(text, params) };
    const limit = limitOf(options, { clock, closing: closing.signal });
    let reader: ReaderChannel | undefined;
    /** Between two questions it can be told to stop; in the middle of one it cannot, and is ended. */
    let isAsked = false;
    let isDone = false;
    try {
      reader = await pool.take(limit.signal);
      limit.signal.throwIfAborted();
      for (let request: ReaderRequest = read; ; request = { kind: "more" }) {
        isAsked = true;
        const answer = await unlessOver(reader.ask(request), limit.signal);
        isAsked = false;
        if (answer.kind !== "rows") throw new MillraceError("INTERNAL", "A reader answered what was not asked.");
        for (const slow of answer.slow ?? []) log?.warn({ ...slow }, "a heavy read was slow");
        isDone = answer.isLast;
        if (answer.rows.length > 0) yield toRows(answer.columns, answer.rows);
        if (isDone) return;
        limit.signal.throwIfAborted();
      }
    } catch (error) {
      // What the statement itself did wrong leaves the reader as it was.
      if (error instanceof MillraceError && error.code === "STORE_FAILED" && !limit.signal.aborted) isAsked = false;
      throw error;
    } finally {
      limit.end();
      if (reader !== undefined) await giveBack(reader, { isAsked, isDone });
    }
  }

  async function giveBack(
    reader: ReaderChannel,
    { isAsked, isDone }: { readonly isAsked: boolean; readonly isDone: boolean },
  ): Promise<void> {
    const isSound = !isAsked && (isDone || (await isStopped(reader)));
    pool.give(reader, isSound);
  }

  return {
    reads: { chunks, all: allOf(chunks) },
    async close() {
      closing.abort(new MillraceError("STORE_FAILED", "The store is closed.", { isRetryable: false }));
      await pool.close();
    },
  };
}

function isStopped(reader: ReaderChannel): Promise<boolean> {
  return reader.ask({ kind: "stop" }).then(
    () => true,
    () => false,
  );
}
