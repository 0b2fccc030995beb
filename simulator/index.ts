export { FAULTS, type Behaviour, type Fault, type Latency, type SimulatorOptions } from "./options.ts";
export { createSimulator, type Simulator } from "./simulator.ts";
export type { SimulatorStats } from "./stats.ts";
