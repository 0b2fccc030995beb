import { after, describe, it } from "node:test";
import { type ContractPart, runStoreContract } from "../contract.ts";
import type { OpenStore } from "../contract/bench.ts";
import { openPostgresStore } from "./open.ts";
import { postgresForTests } from "./test-server.ts";

const server = await postgresForTests(process.env);

if (typeof server === "string")
  describe("postgres", () => it("keeps the contract of stores", { skip: server }, () => undefined));
else {
  after(() => server.close());
  const open =
    (dispatch: "pg-boss" | "table"): OpenStore =>
    async ({ place, clock }) =>
      // Leases run by the clock of the server, which no test moves: on a busy machine 15 s are over within one.
      openPostgresStore({ url: await server.emptied(place), clock, dispatch, min: 0, max: 20, leaseMs: 600_000 });
  runStoreContract("postgres", open("pg-boss"));
  // The rest knows little of how runs come to those who execute them. MILLRACE_DISPATCH=table has it all judged.
  const parts: readonly ContractPart[] = ["claims", "flow control", "recovery and lost claims"];
  runStoreContract(
    "postgres without jobs",
    open("table"),
    process.env["MILLRACE_DISPATCH"] === "table" ? {} : { parts },
  );
}
