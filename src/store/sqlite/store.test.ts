import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { runStoreContract } from "../contract.ts";
import { openSqliteStore } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-contract-"));
after(() => rmSync(folder, { recursive: true }));

runStoreContract("sqlite", ({ place, clock }) => openSqliteStore({ directory: join(folder, place), clock }));
