import { describe } from "node:test";
import { admissionContract } from "./contract/admission.ts";
import { createContractTest, type OpenStore } from "./contract/bench.ts";
import { claimContract } from "./contract/claims.ts";
import { databaseContract } from "./contract/database.ts";
import { endingContract } from "./contract/endings.ts";
import { flowContract } from "./contract/flow.ts";
import { migrationContract } from "./contract/migrations.ts";
import { modelContract } from "./contract/model.ts";
import { processContract } from "./contract/processes.ts";
import { readingContract } from "./contract/reading.ts";
import { recoveryContract } from "./contract/recovery.ts";
import { scheduleContract } from "./contract/schedules.ts";
import { stepContract } from "./contract/steps.ts";
import { waitContract } from "./contract/waits.ts";

const PARTS = {
  admission: admissionContract,
  claims: claimContract,
  steps: stepContract,
  "flow control": flowContract,
  "events, waits and compensation": waitContract,
  endings: endingContract,
  "recovery and lost claims": recoveryContract,
  reading: readingContract,
  "schedules and retention": scheduleContract,
  "runs against a model of them": modelContract,
  database: databaseContract,
  migrations: migrationContract,
  processes: processContract,
};

export type ContractPart = keyof typeof PARTS;

/**
 * Declares the tests that every store must pass, under `node:test`. Each test opens stores of its own, and closes them. `parts` are for a
 * store that differs from another that passes all of them.
 */
export function runStoreContract(
  name: string,
  open: OpenStore,
  { parts = Object.keys(PARTS) as ContractPart[] }: { readonly parts?: readonly ContractPart[] } = {},
): void {
  const test = createContractTest(open);
  for (const part of parts) describe(`${name}: ${part}`, () => PARTS[part](test));
}
