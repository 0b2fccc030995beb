import { MillraceError } from "../../core/errors.ts";
import type { Row, SqlParams } from "../store.ts";
import type { Connections } from "./connections.ts";
import type { Placing } from "./placed-statement.ts";
import { isConnectionLost, isStalePlan, statementFailed } from "./postgres-error.ts";

/** Reads on connections that cannot write. */
export interface Reading {
  get(sql: string, params?: SqlParams): Promise<Row | undefined>;
  all(sql: string, params?: SqlParams): Promise<readonly Row[]>;
}

export function createReading(connections: Connections, placing: Placing): Reading {
  async function all(sql: string, params?: SqlParams): Promise<readonly Row[]> {
    const placed = placing.place(sql, params);
    for (let attempt = 1; ; attempt++) {
      try {
        return (await connections.use((connection) => connection.run(placed))).rows;
      } catch (error) {
        if (error instanceof MillraceError) throw error;
        // A read can be done again: on another connection, or with a fresh plan.
        if (attempt > 1 || !(isConnectionLost(error) || isStalePlan(error))) throw statementFailed(error, placed);
      }
    }
  }
  return { all, get: async (sql, params) => (await all(sql, params))[0] };
}
