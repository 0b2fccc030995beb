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

/** Declares the tests that every store must pass, under `node:test`. Each test opens stores of its own, and closes them. */
export function runStoreContract(name: string, open: OpenStore): void {
  const test = createContractTest(open);
  describe(`${name}: admission`, () => admissionContract(test));
  describe(`${name}: claims`, () => claimContract(test));
  describe(`${name}: steps`, () => stepContract(test));
  describe(`${name}: flow control`, () => flowContract(test));
  describe(`${name}: events, waits and compensation`, () => waitContract(test));
  describe(`${name}: endings`, () => endingContract(test));
  describe(`${name}: recovery and lost claims`, () => recoveryContract(test));
  describe(`${name}: reading`, () => readingContract(test));
  describe(`${name}: schedules and retention`, () => scheduleContract(test));
  describe(`${name}: runs against a model of them`, () => modelContract(test));
  describe(`${name}: database`, () => databaseContract(test));
  describe(`${name}: migrations`, () => migrationContract(test));
  describe(`${name}: processes`, () => processContract(test));
}
