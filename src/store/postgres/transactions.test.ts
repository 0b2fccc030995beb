import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { systemClock } from "../../core/clock.ts";
import { openConnections } from "./connections.ts";
import { createPlacing } from "./placed-statement.ts";
import { postgresForTests } from "./test-server.ts";
import { createTransactions } from "./transactions.ts";

const server = await postgresForTests(process.env);
if (typeof server !== "string") after(() => server.close());

describe("writes that meet", { skip: typeof server === "string" ? server : false }, () => {
  it("are run again when they wait for each other, and both stand", async () => {
    assert.ok(typeof server !== "string");
    const url = await server.database();
    const connections = openConnections({
      url,
      min: 0,
      max: 4,
      commandTimeoutMs: 10_000,
      isReadOnly: false,
      clock: systemClock,
      log: undefined,
    });
    const placing = createPlacing();
    const transactions = createTransactions({ connections, placing, onWritten: () => undefined });
    try {
      await connections.use(async (connection) => {
        await connection.control("create table pair (id int primary key, n int not null)");
        await connection.control("insert into pair values (1, 0), (2, 0)");
      });
      const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
      const attempts: number[] = [0, 0];
      const add = (mine: 0 | 1): Promise<void> =>
        transactions.transactAgain(
          async (connection) => {
            const [first, second] = mine === 0 ? [1, 2] : [2, 1];
            const raise = (id: number) =>
              connection.run(placing.place("update pair set n = n + 1 where id = :id", { id }));
            attempts[mine] = (attempts[mine] ?? 0) + 1;
            await raise(first);
            // Each holds its first row before either asks for the other's.
            both[mine].resolve();
            await Promise.all(both.map(({ promise }) => promise));
            await raise(second);
          },
          () => true,
        );
      await Promise.all([add(0), add(1)]);
      const rows = await connections.use(async (connection) =>
        connection.rows({ text: "select n from pair order by id", values: [], name: undefined, sql: "" }),
      );
      assert.deepEqual(rows, [{ n: 2 }, { n: 2 }]);
      assert.deepEqual(
        attempts.toSorted((a, b) => a - b),
        [1, 2],
      );
    } finally {
      await connections.close();
    }
  });

  it("are refused by the server when they take longer than a command may", async () => {
    assert.ok(typeof server !== "string");
    const connections = openConnections({
      url: await server.database(),
      min: 0,
      max: 2,
      commandTimeoutMs: 50,
      isReadOnly: false,
      clock: systemClock,
      log: undefined,
    });
    const transactions = createTransactions({
      connections,
      placing: createPlacing(),
      onWritten: () => undefined,
    });
    try {
      await assert.rejects(transactions.one({ sql: "select pg_sleep(5)" }), /statement timeout/);
    } finally {
      await connections.close();
    }
  });
});
