import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";
import { allOf, limitOf, unlessOver } from "../sqlite/read-limit.ts";
import type { HeavyReadOptions, HeavyReads, Row, SqlParams } from "../store.ts";
import type { Connection, Connections } from "./connections.ts";
import { statementFailed } from "./postgres-error.ts";
import type { Placing } from "./placed-statement.ts";

export interface HeavyReadsParams {
  readonly connections: Connections;
  readonly placing: Placing;
  readonly clock: Clock;
}

const FETCH = "fetch 500 from heavy";

/** Heavy reads by a cursor on a connection of the pool; each chunk within the pool's command timeout. */
export function createHeavyReads({ connections, placing, clock }: HeavyReadsParams): HeavyReads {
  async function* chunks(sql: string, params: SqlParams = {}, options: HeavyReadOptions = {}) {
    const placed = placing.place(sql, params);
    const limit = limitOf(options, { clock, closing: new AbortController().signal });
    const lent = lend(connections);
    let asked: Promise<unknown> = Promise.resolve();
    function ask<T>(answer: Promise<T>): Promise<T> {
      asked = answer.catch(() => undefined);
      return unlessOver(answer, limit.signal);
    }
    try {
      const connection = await ask(lent.connection);
      await ask(connection.control("begin read only"));
      const declared = { ...placed, text: `declare heavy no scroll cursor for ${placed.text}`, name: undefined };
      await ask(connection.run(declared));
      for (;;) {
        const rows: readonly Row[] = (
          await ask(connection.run({ ...placed, text: FETCH, values: [], name: undefined }))
        ).rows;
        if (rows.length > 0) yield rows;
        if (rows.length < 500) return;
        limit.signal.throwIfAborted();
      }
    } catch (error) {
      throw error instanceof MillraceError ? error : statementFailed(error, placed);
    } finally {
      limit.end();
      // One that was cut off gives its connection back when its last answer is here.
      void asked.then(lent.giveBack);
    }
  }
  return { chunks, all: allOf(chunks) };
}

/** Takes a connection out of the pool until it is given back. */
function lend(connections: Connections): { readonly connection: Promise<Connection>; readonly giveBack: () => void } {
  const lent = Promise.withResolvers<Connection>();
  const back = Promise.withResolvers<void>();
  connections
    .use(async (connection) => {
      lent.resolve(connection);
      await back.promise;
      await connection.control("rollback");
    })
    .catch(lent.reject);
  return { connection: lent.promise, giveBack: back.resolve };
}
