export type { LedgerEntry } from "./account/ledger.ts";
export { type FamilyLimits, type Limits, START_TIER } from "./account/limits.ts";
export type { ModelPrice } from "./account/prices.ts";
export { FAILOVER_MODELS, type FailoverTimings } from "./faults/failover.ts";
export { type Fault, type FaultRule, FAULTS, type FaultSpec } from "./faults/fault.ts";
export type { Behaviour, Latency, SimulatorOptions } from "./options.ts";
export type { LogRecord } from "./request-log.ts";
export { createSimulator, type Simulator } from "./simulator.ts";
export type { SimulatorStats } from "./stats.ts";
