import { after, describe, it } from "node:test";
import { runStoreContract } from "../contract.ts";
import { openPostgresStore } from "./open.ts";
import { postgresForTests } from "./test-server.ts";

const server = await postgresForTests(process.env);

if (typeof server === "string")
  describe("postgres", () => it("keeps the contract of stores", { skip: server }, () => undefined));
else {
  after(() => server.close());
  runStoreContract("postgres", async ({ place, clock }) =>
    openPostgresStore({ url: await server.emptied(place), clock, min: 0, max: 20 }),
  );
}
